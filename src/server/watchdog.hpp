#pragma once

#include "core/counter.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace fairlead {

/// A thread that works even while shards are blocked. It receives signals, notices a shard that a handler
/// blocks, and ends the process if such a shard holds up a stop.
///
///     shard:     tick … tick … [handler blocks the thread …………………………………………]
///     watchdog:        ok     ok      late: tell           …      stop overdue: give up
///
/// It sleeps while the clocks of all shards stand still.
///
/// Thread safety: `start` and `stop` from one thread; `expect_end` from any while it runs. Its thread calls the duties.
class watchdog {
public:
    /// The tolerated delay of a tick. A shard ticks every 50 ms, so a blocked shard is noticed within 200 ms.
    static constexpr std::chrono::milliseconds tolerated{100};

    struct duties {
        std::function<void(int number)> on_signal;                             ///< empty: signals are left alone
        std::function<void(std::size_t shard)> blocked;                        ///< once each time a shard is late
        std::function<bool(std::chrono::steady_clock::time_point now)> looked; ///< after each look; true: look again
        std::function<void()> give_up;                                         ///< empty: `expect_end` has no effect
        std::function<void()> alive = {};         ///< every `alive_every`, or as soon after as no shard is late
        std::chrono::microseconds alive_every{0}; ///< 0: never
    };

    watchdog(std::vector<shard_core*> watched, duties given);
    ~watchdog();

    /// Errors: throws std::system_error if no thread can be started.
    void start();
    void stop() noexcept;

    /// Calls `give_up` at `due`, unless `stop` comes before. The earliest time of several calls counts.
    void expect_end(std::chrono::steady_clock::time_point due);

    /// Notes that the shards have ended, so none is late; signals and `expect_end` still work. Thread
    /// safety: any thread.
    void shards_ended() noexcept { shards_run_ = false; }
    bool shards_run() const noexcept { return shards_run_; }

    /// Returns the number of times that a shard was late.
    const counter& blocked(std::size_t shard) const noexcept { return seen_[shard]->times; }

private:
    struct observation {
        bool late = false;
        counter times;
    };

    class waker;

    void await_signal();
    void watch();
    void wake();
    bool look(std::chrono::steady_clock::time_point now);
    bool must_look() const noexcept;
    void tell_alive_after(std::chrono::microseconds pause);
    bool all_come_back(std::chrono::steady_clock::time_point now) const noexcept;

    const std::vector<shard_core*> shards_;
    duties duties_;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_{context_};
    boost::asio::steady_timer interval_{context_};
    boost::asio::steady_timer end_{context_};
    boost::asio::steady_timer alive_{context_};
    std::chrono::steady_clock::time_point end_at_ = std::chrono::steady_clock::time_point::max();
    std::chrono::steady_clock::time_point last_look_{};
    std::chrono::steady_clock::time_point last_summary_{};
    std::shared_ptr<waker> waker_;
    std::atomic<bool> shards_run_{true};
    std::vector<std::unique_ptr<observation>> seen_;
    std::jthread thread_;
};

} // namespace fairlead
