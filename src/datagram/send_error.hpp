#pragma once

#include "datagram/datagram_counters.hpp"

#include <cerrno>

namespace fairlead {

/// Decision after sendmsg(2) failed for a datagram.
enum class send_verdict {
    again, ///< retry: the error is that of an earlier datagram (ICMP), or a signal arrived
    next,  ///< this datagram is lost; continue with the next one
    full,  ///< the system has no room for any datagram
};

constexpr send_verdict classify_send_error(int error) noexcept {
    switch (error) {
    case EINTR:
    case ECONNREFUSED: return send_verdict::again;
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM: return send_verdict::full;
    default: return send_verdict::next;
    }
}

/// Returns true if the system may have refused the bundle and not its datagrams: no support, no checksum offload
/// in the device, or a path for smaller datagrams.
constexpr bool refuses_gso(int error) noexcept {
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP || error == ENOPROTOOPT;
}

/// Returns the counter for a datagram that was lost because of `error`.
constexpr auto send_failure(int error) noexcept -> counter datagram_counters::* {
    switch (error) {
    case EMSGSIZE: return &datagram_counters::failed_too_large;
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM: return &datagram_counters::failed_no_room;
    case EPERM:
    case EACCES: return &datagram_counters::failed_not_permitted;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EADDRNOTAVAIL: return &datagram_counters::failed_unreachable;
    default: return &datagram_counters::failed_otherwise;
    }
}

} // namespace fairlead
