#pragma once

#include "datagram/datagram_path.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// Limits the bytes of replies by the bytes received, so that replies to forged addresses do
/// not amplify an attack (RFC 9000, section 8.1).
class amplification_budget {
public:
    /// Bytes of the IPv4 and UDP headers, which count for every datagram.
    static constexpr std::size_t header = 28;

    /// `ratio`: bytes of replies for each byte received; 0: any number.
    explicit constexpr amplification_budget(std::size_t ratio) noexcept : ratio_{std::min(ratio, max_ratio)} {}

    constexpr void received(std::size_t bytes) noexcept { left_ += ratio_ * (bytes + header); }

    /// Returns true if a reply of that size may be sent, and charges it to the budget.
    constexpr bool take(std::size_t bytes) noexcept {
        if (ratio_ == 0)
            return true;
        if (left_ < bytes + header)
            return false;
        left_ -= bytes + header;
        return true;
    }

private:
    static constexpr std::size_t max_ratio = 1'000'000; // above any sensible value; prevents an overflow

    std::size_t ratio_;
    std::uint64_t left_ = 0;
};

/// Returns true for the port of a service that replies to any datagram, or with much more than it gets: a reply to it
/// would start a loop or take part in an attack.
///
/// Source: IANA's registry; TA14-017A of US-CERT; CVE-2024-2169 (echo, daytime, quote, chargen, time; DNS, TFTP, NTP).
bool is_service_port(std::uint16_t port) noexcept;

/// Returns the port of the peer.
std::uint16_t peer_port(const datagram_path& path) noexcept;

/// Returns true if a datagram, without a proxy, claims to come from the socket that received it: from its port, and
/// from the address it was sent to, the bound address or the loopback.
bool comes_from_ourselves(const datagram_path& path, const endpoint& bound) noexcept;

/// Returns a key for the source: an IPv4 address or an IPv6 /64, which belongs to one subscriber. Never 0.
std::uint64_t source_key(const ::sockaddr* peer) noexcept;
inline std::uint64_t source_key(const datagram_path& path) noexcept {
    return source_key(path.peer_data());
}

} // namespace fairlead
