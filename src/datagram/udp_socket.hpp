#pragma once

#include "datagram/datagram_path.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fairlead {

/// The largest datagram there is: a length of 16 bits counts the 8 bytes of UDP's header, and over IPv4 the 20 of its own
/// as well (RFC 768, RFC 791, RFC 8200).
constexpr std::size_t max_payload(bool over_ipv4) noexcept {
    return over_ipv4 ? 65'535 - 20 - 8 : 65'535 - 8;
}
std::size_t max_payload(const datagram_path& to) noexcept;

/// Whether the system cuts bundles into datagrams (UDP_SEGMENT, udp(7)).
bool supports_gso(int socket) noexcept;

/// Has the system drop what arrives from now on, so that what has arrived can be dealt with to the end. Where it knows no
/// filter (socket(7)) nothing happens.
void close_to_datagrams(int socket) noexcept;

/// How many datagrams the socket has had to drop, modulo 2³²; nothing where the system does not tell (SO_MEMINFO).
std::optional<std::uint32_t> count_drops(int socket) noexcept;

} // namespace fairlead
