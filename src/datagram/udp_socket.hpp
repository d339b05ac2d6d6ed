#pragma once

#include "datagram/datagram_path.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fairlead {

/// The largest datagram there is on the way to a peer: 65,535 bytes of a packet less the headers, which IPv6 does not
/// count with the packet (RFC 768, RFC 8200).
std::size_t max_payload(const datagram_path& to) noexcept;

/// Whether the system cuts bundles into datagrams (UDP_SEGMENT, udp(7)).
bool has_bundles(int socket) noexcept;

/// Has the system drop what arrives from now on, so that what has arrived can be dealt with to the end. Where it knows no
/// filter (socket(7)) nothing happens.
void close_to_datagrams(int socket) noexcept;

/// How many datagrams the socket has had to drop, modulo 2³²; nothing where the system does not tell (SO_MEMINFO).
std::optional<std::uint32_t> count_drops(int socket) noexcept;

} // namespace fairlead
