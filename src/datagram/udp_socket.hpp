#pragma once

#include "datagram/datagram_path.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fairlead {

/// Returns the size of the largest payload. The 16-bit length includes the 8 bytes of the UDP header, and over IPv4
/// also the 20 bytes of the IP header (RFC 768, RFC 791, RFC 8200).
constexpr std::size_t max_payload(bool over_ipv4) noexcept {
    return over_ipv4 ? 65'535 - 20 - 8 : 65'535 - 8;
}
std::size_t max_payload(const datagram_path& to) noexcept;

/// Returns true if the system can cut bundles into datagrams (UDP_SEGMENT, udp(7)).
bool supports_gso(int socket) noexcept;

/// Makes the system drop datagrams that arrive from now on, so that those in the buffer can be handled to the end. Has
/// no effect if the system does not support filters (socket(7)).
void close_to_datagrams(int socket) noexcept;

/// Returns how many datagrams the socket has dropped, modulo 2³² (SO_MEMINFO); nullopt if that is not known.
std::optional<std::uint32_t> count_drops(int socket) noexcept;

} // namespace fairlead
