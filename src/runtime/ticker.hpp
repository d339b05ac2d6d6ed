#pragma once

#include "runtime/deadline.hpp"
#include "runtime/timer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace fairlead {

/// Reports at each tick of the steady clock that a tick is due.
///
/// Thread safety: the thread of its shard; `overdue` from any.
class ticker {
public:
    using clock = std::chrono::steady_clock;

    explicit ticker(shard_core& shard) : timer_{shard, [this] { due_ = true; }} {}

    static ticks current() noexcept { return std::chrono::floor<ticks>(clock::now().time_since_epoch()); }

    bool running() const noexcept { return running_; }
    bool take_due() noexcept { return std::exchange(due_, false); }

    void start() noexcept {
        running_ = true;
        expect_after(current());
        timer_.set(next() - clock::now().time_since_epoch(), ticks{1});
    }

    /// Notes that the work of the tick `reached` is done. Until then the tick counts as due, so a
    /// handler that blocks in it is noticed.
    void done(ticks reached) noexcept { expect_after(reached); }

    void stop() noexcept {
        running_ = false;
        next_.store(0, std::memory_order_relaxed);
        timer_.cancel();
    }

    /// Returns true if a tick is expected. Thread safety: any thread.
    bool expected() const noexcept { return next_.load() != 0; }

    /// Returns the delay of the next tick; zero if it is not due.
    std::chrono::nanoseconds overdue(clock::time_point now) const noexcept {
        return next().count() == 0 ? clock::duration{0} : std::max(clock::duration{0}, now.time_since_epoch() - next());
    }

private:
    clock::duration next() const noexcept { return clock::duration{next_.load(std::memory_order_relaxed)}; }
    void expect_after(ticks now) noexcept {
        next_.store(std::chrono::duration_cast<clock::duration>(now + ticks{1}).count(), std::memory_order_relaxed);
    }

    timer timer_;
    std::atomic<clock::rep> next_{0};
    bool running_ = false;
    bool due_ = false;
};

} // namespace fairlead
