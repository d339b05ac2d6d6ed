#pragma once

#include <fairlead/runtime.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <gtest/gtest.h>
#include <utility>

namespace fairlead::test {

/// Starts a coroutine on the shard; what it throws fails the test.
inline void start(shard& home, boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(home.executor(), std::move(work), [](std::exception_ptr thrown) {
        if (thrown)
            std::rethrow_exception(thrown);
    });
}

/// Runs the shard until nothing is left to do; a test that hangs ends here.
inline void run_to_end(shard& home) {
    home.context().restart();
    home.context().run_for(std::chrono::seconds{20});
    EXPECT_TRUE(home.context().stopped()) << "something still waits";
}

/// Runs whatever can be done without waiting for a socket or a timer.
inline void run_ready(shard& home) {
    home.context().restart();
    home.context().poll();
}

} // namespace fairlead::test
