#pragma once

#include <cerrno>

namespace fairlead {

/// What to do after accept(2) failed.
enum class accept_verdict {
    drained, ///< nobody waits; the next connection will be announced
    next,    ///< that connection is gone; the next one is not
    pause,   ///< descriptors or memory are short; try again after a while
    fatal,   ///< the socket cannot accept at all
};

/// Errors: accept(2). Those of a network that failed under a waiting connection arrive here too and concern it alone.
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
