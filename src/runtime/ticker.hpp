#pragma once

#include "runtime/await_timer.hpp"

#include <fairlead/deadline.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

namespace fairlead {

/// Calls a function at every tick of the steady clock for as long as it says that it wants to be called again.
///
/// Thread safety: the thread of the context; `overdue` from any.
class ticker {
public:
    using clock = std::chrono::steady_clock;

    ticker(boost::asio::io_context& context, handler_memory& memory, std::function<bool(ticks now)> each)
        : memory_{memory}, timer_{context}, each_{std::move(each)} {}

    static ticks current() noexcept { return std::chrono::floor<ticks>(clock::now().time_since_epoch()); }

    bool running() const noexcept { return running_; }

    void start() {
        if (running_)
            return;
        wait(current());
        running_ = true;
    }

    /// How late the next tick is; zero when none is due.
    std::chrono::nanoseconds overdue(clock::time_point now) const noexcept {
        const clock::duration next{next_.load(std::memory_order_relaxed)};
        return next.count() == 0 ? clock::duration{0} : std::max(clock::duration{0}, now.time_since_epoch() - next);
    }

private:
    void wait(ticks now) {
        const auto next = std::chrono::duration_cast<clock::duration>(now + ticks{1});
        timer_.expires_at(clock::time_point{next});
        await_timer(timer_, memory_, [this](const error_code&) { fire(); });
        next_.store(next.count(), std::memory_order_relaxed);
    }

    // As long as `each_` runs the tick counts as due, so that who blocks in it is noticed.
    void fire() {
        const ticks reached = current();
        if (each_(reached))
            return wait(reached);
        running_ = false;
        next_.store(0, std::memory_order_relaxed);
    }

    handler_memory& memory_;
    boost::asio::steady_timer timer_;
    std::function<bool(ticks)> each_;
    std::atomic<clock::rep> next_{0};
    bool running_ = false;
};

} // namespace fairlead
