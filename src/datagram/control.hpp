#pragma once

#include "datagram/datagram_path.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <sys/socket.h>

namespace fairlead {

/// Ancillary data of a received datagram (cmsg(3)).
struct received_control {
    local_address local = {};                ///< with IP_PKTINFO or IPV6_RECVPKTINFO
    std::size_t segment_size = 0;            ///< of a bundle (UDP_GRO): all its datagrams but the last have this size
    std::optional<std::uint32_t> drops = {}; ///< total of datagrams that did not fit, modulo 2³² (SO_RXQ_OVFL)
};

/// Bytes of ancillary data for one message, received and sent.
constexpr std::size_t receive_control_room = CMSG_SPACE(sizeof(::in_pktinfo)) + CMSG_SPACE(sizeof(::in6_pktinfo)) +
                                             CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(std::uint32_t));
constexpr std::size_t send_control_room = CMSG_SPACE(sizeof(::in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t));

received_control read_control(const ::msghdr& message) noexcept;

/// Makes a message leave from `local`, cut into datagrams of `segment_size` unless that is 0 (UDP_SEGMENT).
///
/// Lifetime: `room` has `send_control_room` bytes, aligned for a cmsghdr, and outlives the message.
void write_control(::msghdr& message, unsigned char* room, const local_address& local,
                   std::size_t segment_size) noexcept;

} // namespace fairlead
