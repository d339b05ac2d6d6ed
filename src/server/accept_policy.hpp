#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>

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

/// How long to pause: 10 ms, doubling up to 80 ms, from the start again once a connection was accepted. Asking costs a
/// system call, so asking often is cheap, and who waits is served soon after there is room.
class accept_backoff {
public:
    std::chrono::milliseconds next() noexcept {
        const auto pause = pause_;
        pause_ = std::min(pause_ * 2, std::chrono::milliseconds{80});
        return pause;
    }
    void reset() noexcept { pause_ = first; }

private:
    static constexpr std::chrono::milliseconds first{10};
    std::chrono::milliseconds pause_ = first;
};

} // namespace fairlead
