// A shard laid over an io_context that the program runs.

#include "support/run.hpp"

#include "core/unique_descriptor.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <memory>
#include <optional>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A watched descriptor that closes itself when it was rung.
class bell final : private readiness_handler {
public:
    explicit bell(shard& home) : home_{core_of(home)} {
        EXPECT_FALSE(home_.watch(descriptor_.get(), *this, interest::read));
    }
    ~bell() { close(); }

    void ring() {
        const std::uint64_t one = 1;
        EXPECT_EQ(::write(descriptor_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
    }
    std::thread::id rung_on;

private:
    void on_readable(bool) override {
        rung_on = std::this_thread::get_id();
        close();
    }
    void on_writable() override {}
    void close() {
        if (descriptor_)
            home_.unwatch(descriptor_.get(), *this);
        descriptor_.reset();
    }

    shard_core& home_;
    unique_descriptor descriptor_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

asio::awaitable<void> sleep_and_count(shard& home, int& count) {
    co_await home.sleep_for(1ms);
    ++count;
}

asio::awaitable<void> wait_for_timer(shard& home, std::chrono::milliseconds duration, std::shared_ptr<int> held) {
    asio::steady_timer timer{home.get_executor(), duration};
    co_await timer.async_wait(asio::use_awaitable);
    ++*held;
}

asio::awaitable<std::thread::id> tell_thread() {
    co_return std::this_thread::get_id();
}

class counting_task final : public end_of_turn_task {
public:
    int runs = 0;

private:
    void end_of_turn() override { ++runs; }
};

} // namespace

TEST(shard_over_io_context, serves_its_sockets_and_lets_run_return_when_nothing_is_left) {
    asio::io_context program;
    shard home{program};
    bell bell{home};
    int expired = 0;
    asio::steady_timer plain{program, 2ms};
    plain.async_wait([&](const error_code&) {
        ++expired;
        bell.ring();
    });
    program.run_for(20s);
    EXPECT_TRUE(program.stopped());
    EXPECT_EQ(expired, 1);
    EXPECT_EQ(bell.rung_on, std::this_thread::get_id());
}

TEST(shard_over_io_context, lets_run_return_at_once_when_nothing_lives_on_it) {
    asio::io_context program;
    const shard home{program};
    program.run_for(20s);
    EXPECT_TRUE(program.stopped());
}

TEST(shard_over_io_context, runs_coroutines_sleeps_and_timers_of_asio) {
    asio::io_context program;
    shard home{program};
    int slept = 0;
    const auto expired = std::make_shared<int>(0);
    start(home, sleep_and_count(home, slept));
    start(home, wait_for_timer(home, 1ms, expired));
    program.run_for(20s);
    EXPECT_TRUE(program.stopped());
    EXPECT_EQ(slept, 1);
    EXPECT_EQ(*expired, 1);
}

TEST(shard_over_io_context, ends_a_turn_for_what_the_program_does_between_turns) {
    asio::io_context program;
    shard home{program};
    counting_task task;
    asio::post(program, [&] { core_of(home).at_end_of_turn(task); });
    program.run_for(20s);
    EXPECT_EQ(task.runs, 1);
}

TEST(shard_over_io_context, runs_what_other_threads_post) {
    asio::io_context program;
    shard home{program};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> alive{program.get_executor()};
    std::thread::id ran_on;
    std::jthread other{[&] {
        for (int i = 0; i < 100; ++i)
            ran_on = asio::co_spawn(home.get_executor(), tell_thread(), asio::use_future).get();
        asio::post(program, [&] { alive.reset(); });
    }};
    program.run_for(20s);
    EXPECT_TRUE(program.stopped());
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(shard_over_io_context, goes_on_after_the_program_has_run_out_of_work_and_runs_again) {
    asio::io_context program;
    shard home{program};
    int slept = 0;
    for (int i = 1; i <= 3; ++i) {
        start(home, sleep_and_count(home, slept));
        program.restart();
        program.run_for(20s);
        EXPECT_EQ(slept, i);
    }
}

TEST(shard_over_io_context, may_go_while_a_coroutine_on_it_waits_for_a_timer_of_the_program) {
    const auto held = std::make_shared<int>(0);
    {
        asio::io_context program;
        {
            shard home{program};
            start(home, wait_for_timer(home, 1h, held));
            program.poll();
            EXPECT_EQ(held.use_count(), 2);
        }
        program.poll();
    }
    EXPECT_EQ(held.use_count(), 1) << "the coroutine has leaked";
    EXPECT_EQ(*held, 0);
}

TEST(shard_over_io_context, shares_it_with_another_shard) {
    asio::io_context program;
    shard one{program};
    shard other{program};
    int slept = 0;
    start(one, sleep_and_count(one, slept));
    start(other, sleep_and_count(other, slept));
    program.run_for(20s);
    EXPECT_EQ(slept, 2);
}

} // namespace fairlead::test
