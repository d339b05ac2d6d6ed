#pragma once

#include "datagram/datagram_counters.hpp"

#include <cerrno>

namespace fairlead {

/// What to do after sendmsg(2) failed for a datagram.
enum class send_verdict {
    again, ///< the error was that of an earlier datagram (an ICMP message), or a signal came
    next,  ///< this one is lost; the next one may go
    full,  ///< there is no room for any
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

/// Whether the refusal may be that of a bundle and not of its datagrams: no support, no checksums in the device, a way
/// for smaller ones.
constexpr bool refuses_gso(int error) noexcept {
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP || error == ENOPROTOOPT;
}

/// Under which count a datagram goes that was lost for `error`.
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
