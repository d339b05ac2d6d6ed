#pragma once

#include "load/load_plan.hpp"

#include <fairlead/runtime.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>

namespace fairlead::command {

/// What the threads of a load share: the times of the run, and how it ends.
///
/// Thread safety: any thread.
class load_control {
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;

    load_control(runtime& home, const load_plan& plan, time_point start, const std::atomic<bool>& interrupted)
        : runtime_{home}, interrupted_{interrupted}, start_{start}, begin_{start + plan.ramp_up + plan.warm_up},
          end_{(begin_ + plan.duration).time_since_epoch().count()},
          connections_{plan.connections}, working_{plan.threads + 1} {}

    time_point start() const noexcept { return start_; }
    time_point begin() const noexcept { return begin_; } ///< of the measured time
    time_point end() const noexcept { return time_point{clock::duration{end_.load(std::memory_order_relaxed)}}; }
    bool is_measured(time_point due) const noexcept { return due >= begin_ && due < end(); }

    /// Whether somebody waits for the end.
    bool is_interrupted() const noexcept { return interrupted_.load(std::memory_order_relaxed); }

    /// Ends the measured time before it was to end.
    void end_now(time_point now) noexcept {
        if (now < end())
            end_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }

    void note_connected() noexcept { connected_.store(true, std::memory_order_relaxed); }

    /// A connection could not be made the first time. When that is so of all of them, nothing is there to be loaded.
    void note_failed_start(time_point now) noexcept {
        if (++failed_starts_ == connections_ && !connected_.load(std::memory_order_relaxed))
            end_now(now);
    }

    /// A worker has done its part, or the clock of the run has come to its end; the last one ends the run.
    void note_done() noexcept {
        if (--working_ == 0)
            runtime_.stop();
    }

    /// Ends the run because of an exception.
    void fail(std::exception_ptr thrown) noexcept {
        const std::lock_guard locked{mutex_};
        if (!failure_)
            failure_ = std::move(thrown);
        runtime_.stop();
    }

    /// Errors: throws what the first that failed has thrown. To be called after the run.
    void rethrow() const {
        if (failure_)
            std::rethrow_exception(failure_);
    }

private:
    runtime& runtime_;
    const std::atomic<bool>& interrupted_;
    const time_point start_;
    const time_point begin_;
    std::atomic<clock::rep> end_;
    const std::size_t connections_;
    std::atomic<bool> connected_{false};
    std::atomic<std::size_t> failed_starts_{0};
    std::atomic<std::size_t> working_;
    std::mutex mutex_;
    std::exception_ptr failure_;
};

} // namespace fairlead::command
