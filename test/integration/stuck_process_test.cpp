// What only the end of the process can end. Each case runs in a process of its own, for it ends with std::_Exit.

#include "integration/support/client.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>

#include <atomic>
#include <csignal>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace std::literals;

namespace fairlead::test {

namespace {

std::atomic<bool> a_thread_is_stuck{false}; // in the process of the case

void block_for_ever(bytes_view, peer&) {
    a_thread_is_stuck = true;
    for (;;)
        ::pause();
}

void sleep_for_ever() {
    a_thread_is_stuck = true;
    for (;;)
        ::pause();
}

boost::asio::awaitable<void> have_a_disk_hang(session& peer) {
    co_await peer.receive();
    co_await peer.shard().blocking(sleep_for_ever);
}

/// Signals to stop: one, or one after the other until the process ends, for two that come close together may be one.
enum class stop_signals { one, many };

/// Serves in this process until a signal ends it; a client of its own has a handler block `threads` threads.
[[noreturn]] void serve_and_get_stuck(std::size_t threads, stop_signals signals, limits::duration drain = 200ms,
                                      handler handle = block_for_ever) {
    server_options options;
    options.threads = threads;
    options.limits.drain_timeout = drain;
    std::jthread driver;
    options.on_listening = [&driver, signals](const endpoint& where) {
        driver = std::jthread{[where, signals] {
            client peer{where};
            peer.write(frame("block"));
            while (!a_thread_is_stuck)
                std::this_thread::sleep_for(1ms);
            do {
                ::kill(::getpid(), SIGTERM);
                std::this_thread::sleep_for(50ms);
            } while (signals == stop_signals::many);
            peer.read_to_end();
        }};
    };
    server serving{options};
    serving.listen("tcp://127.0.0.1:0", length_prefixed{}, std::move(handle));
    ::alarm(20); // a server that hangs fails the test
    ::_exit(serving.run());
}

class stuck_process : public ::testing::Test {
protected:
    stuck_process() { ::testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

TEST_F(stuck_process, ends_with_code_3_soon_after_the_deadline_and_names_who_blocks_it) {
    EXPECT_EXIT(serve_and_get_stuck(1, stop_signals::one), ::testing::ExitedWithCode(3),
                "the handler of session [0-9]+ from tcp://.*"
                "1 sessions cut off");
}

TEST_F(stuck_process, ends_when_another_thread_is_blocked) {
    EXPECT_EXIT(serve_and_get_stuck(2, stop_signals::one), ::testing::ExitedWithCode(3), "1 sessions cut off");
}

TEST_F(stuck_process, ends_at_once_at_the_second_signal) {
    EXPECT_EXIT(serve_and_get_stuck(2, stop_signals::many, 1h), ::testing::ExitedWithCode(3), "1 sessions cut off");
}

TEST_F(stuck_process, ends_when_blocking_work_does_not) {
    EXPECT_EXIT(serve_and_get_stuck(1, stop_signals::one, 200ms, have_a_disk_hang), ::testing::ExitedWithCode(3),
                "blocking work, such as that of a disk, does not end");
    EXPECT_EXIT(serve_and_get_stuck(1, stop_signals::many, 1h, have_a_disk_hang), ::testing::ExitedWithCode(3),
                "blocking work, such as that of a disk, does not end");
}

} // namespace

} // namespace fairlead::test
