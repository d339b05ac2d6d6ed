#pragma once

#include <cerrno>

namespace fairlead {

/// The next step after a failed accept(2).
enum class accept_verdict {
    drained, ///< no connection waits; the next one will be announced
    next,    ///< that connection failed; the next one may not
    pause,   ///< descriptors or memory are short; try again after a pause
    fatal,   ///< the socket cannot accept at all
};

/// Classifies an error of accept(2). It may be a network error of the waiting connection, which concerns only
/// that connection.
constexpr accept_verdict classify_accept_error(int error) noexcept {
    switch (error) {
    case EAGAIN: return accept_verdict::drained;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return accept_verdict::pause;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EFAULT: return accept_verdict::fatal;
    default: return accept_verdict::next;
    }
}

} // namespace fairlead
