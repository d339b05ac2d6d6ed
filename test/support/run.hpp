#pragma once

#include "support/effort.hpp"

#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <gtest/gtest.h>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace fairlead::test {

/// Starts a coroutine on the shard; an exception of it fails the test.
inline void start(shard& home, boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(home.get_executor(), std::move(work), [](std::exception_ptr thrown) {
        try {
            if (thrown)
                std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            ADD_FAILURE() << "a coroutine threw: " << error.what();
        } catch (...) {
            ADD_FAILURE() << "a coroutine threw";
        }
    });
}

/// Stops the shard when it has run for that long, which fails the test. The limit of a case is longer.
class time_limit {
public:
    explicit time_limit(shard& home, std::chrono::seconds limit = std::chrono::seconds{sanitized ? 120 : 50})
        : thread_{[&home, limit](std::stop_token ended) {
              std::mutex mutex;
              std::condition_variable_any changed;
              std::unique_lock lock{mutex};
              changed.wait_for(lock, ended, limit, [&] { return ended.stop_requested(); });
              if (ended.stop_requested()) // which libstdc++ 12 does not always tell by its result
                  return;
              ADD_FAILURE() << "something still waits";
              home.stop();
          }} {}

private:
    std::jthread thread_;
};

/// Runs the shard until nothing is left to do.
inline void run_to_end(shard& home) {
    const time_limit limit{home};
    home.run();
}

/// Runs what can be done without waiting for a socket or a timer.
inline void run_ready(shard& home) {
    home.poll();
}

/// The same, and gives the system a moment to make something ready.
inline void run_a_moment(shard& home) {
    home.poll();
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

} // namespace fairlead::test
