#pragma once

#include "datagram/datagram_path.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// Bytes that may be sent for bytes that came, so that a forged sender's reply is no weapon (RFC 9000, section 8.1).
class amplification_budget {
public:
    /// The headers of IPv4 and UDP, which every datagram costs.
    static constexpr std::size_t header = 28;

    /// `ratio` 0 allows any number.
    explicit constexpr amplification_budget(std::size_t ratio) noexcept : ratio_{std::min(ratio, max_ratio)} {}

    constexpr void received(std::size_t bytes) noexcept { left_ += ratio_ * (bytes + header); }

    /// Whether a reply of that size may go; then it is paid for.
    constexpr bool take(std::size_t bytes) noexcept {
        if (ratio_ == 0)
            return true;
        if (left_ < bytes + header)
            return false;
        left_ -= bytes + header;
        return true;
    }

private:
    static constexpr std::size_t max_ratio = 1'000'000; // more than anybody means, and no overflow

    std::size_t ratio_;
    std::uint64_t left_ = 0;
};

/// Whether a UDP port is that of a service that answers whatever comes, or answers much to little: a reply to it would
/// begin a loop, or take part in an attack.
///
/// Source: IANA's registry; TA14-017A of US-CERT; CVE-2024-2169 (echo, daytime, quote, chargen, time; DNS, TFTP, NTP).
bool is_service_port(std::uint16_t port) noexcept;

/// The port of the peer.
std::uint16_t peer_port(const datagram_path& path) noexcept;

/// Whether a datagram, without a proxy, says that it comes from the very socket it came to: our port, from the address it came to,
/// or from the loopback.
bool comes_from_ourselves(const datagram_path& path, const endpoint& bound) noexcept;

/// What counts as one source: an IPv4 address or an IPv6 /64, which one subscriber has all to himself. Never 0.
std::uint64_t source_key(const ::sockaddr* peer) noexcept;
inline std::uint64_t source_key(const datagram_path& path) noexcept {
    return source_key(path.peer_data());
}

} // namespace fairlead
