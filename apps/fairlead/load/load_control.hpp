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

/// The state that the threads of a load share: the times of the run, and its end.
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

    /// Returns true once the user has interrupted the run.
    bool is_interrupted() const noexcept { return interrupted_.load(std::memory_order_relaxed); }

    /// Ends the measured time now, if it would end later.
    void end_now(time_point now) noexcept {
        if (now < end())
            end_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }

    void note_connected() noexcept { connected_.store(true, std::memory_order_relaxed); }

    /// Notes that the first attempt of a connection failed. If those of all connections fail, ends the
    /// measured time: there is no server to load.
    void note_failed_start(time_point now) noexcept {
        if (++failed_starts_ == connections_ && !connected_.load(std::memory_order_relaxed))
            end_now(now);
    }

    /// Notes that a worker or the clock of the run is done; the last one ends the run.
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

    /// Throws the first exception that `fail` was given, if any. Call it after the run.
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
