#pragma once

#include "runtime/deadline.hpp"
#include "runtime/timer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace fairlead {

/// Says at each tick of the steady clock that one is due.
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

    /// What was due at `reached` is done. Until then it counts as due, so that who blocks in it is noticed.
    void done(ticks reached) noexcept { expect_after(reached); }

    void stop() noexcept {
        running_ = false;
        next_.store(0, std::memory_order_relaxed);
        timer_.cancel();
    }

    /// Whether a tick is to come. Thread safety: any thread.
    bool expected() const noexcept { return next_.load() != 0; }

    /// How late the next tick is; zero when none is due.
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
