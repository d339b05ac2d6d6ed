#pragma once

#include "runtime/deadline.hpp"
#include <fairlead/error.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>

namespace fairlead {

/// Decides which address of a server is tried at which time (RFC 8305, section 5). Has no clock and no sockets.
///
///     address 0  ├── silent ─────────────────────────▶     begun first
///     address 1      ├── refused ✕                         begun `attempt_delay` later
///     address 2                  ├── connected             begun at once: the one before has failed
class connection_race {
public:
    static constexpr ticks never = ticks::max();

    connection_race(std::size_t addresses, std::chrono::milliseconds attempt_delay) noexcept
        : addresses_{addresses}, stagger_{attempt_delay} {}

    /// Returns the address to try now, if there is one. Call it again until there is none.
    std::optional<std::size_t> next(ticks now) noexcept {
        if (next_ == addresses_ || now < due_)
            return {};
        ++under_way_;
        due_ = due_after(now, stagger_);
        return next_++;
    }

    /// Returns the time at which `next` may return another address.
    ticks due() const noexcept { return next_ == addresses_ ? never : due_; }

    /// Notes that an attempt has failed; the next one need not wait.
    void failed(const error_code& why) noexcept {
        --under_way_;
        due_ = ticks::min();
        if (!why_ || !never_left(why))
            why_ = why;
    }

    /// Notes that the address tried last has no room now; it is tried again a little later.
    void full(ticks now) noexcept {
        --under_way_;
        --next_;
        due_ = due_after(now, pause);
    }

    /// Returns true if every address has failed.
    bool lost() const noexcept { return next_ == addresses_ && under_way_ == 0; }

    /// Returns the error of the attempt that failed last. The error of an address that cannot be
    /// reached from this machine at all does not replace an earlier error.
    const error_code& why() const noexcept { return why_; }

private:
    static constexpr std::chrono::milliseconds pause{1}; // as short as a tick

    static bool never_left(const error_code& why) noexcept {
        switch (why.value()) {
        case ENETUNREACH:
        case EAFNOSUPPORT:
        case EADDRNOTAVAIL: return why.category() == boost::system::system_category();
        default: return false;
        }
    }

    std::size_t addresses_;
    std::chrono::milliseconds stagger_;
    std::size_t next_ = 0;
    std::size_t under_way_ = 0;
    ticks due_ = ticks::min();
    error_code why_;
};

} // namespace fairlead
