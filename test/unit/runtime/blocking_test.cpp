#include <fairlead/runtime.hpp>

#include "log/log_exceptions.hpp"
#include "support/cancellable.hpp"
#include "support/failing_system_call.hpp"

#include <boost/asio/co_spawn.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> add(shard& home, int number, int& sum) {
    auto made = std::make_unique<int>(number);
    auto work = [made = std::move(made)]() mutable { return std::move(made); };
    const auto given = co_await home.blocking(std::move(work));
    sum += *given;
}

boost::asio::awaitable<void> run_elsewhere(shard& home, std::thread::id& worked_on, std::thread::id& went_on) {
    auto work = [&] { worked_on = std::this_thread::get_id(); };
    co_await home.blocking(work);
    went_on = std::this_thread::get_id();
}

boost::asio::awaitable<void> fail_elsewhere(shard& home) {
    auto work = []() -> int { throw std::runtime_error{"on purpose"}; };
    co_await home.blocking(work);
}

boost::asio::awaitable<void> wait_for_latch(shard& home, std::latch& opened, std::string& notes) {
    auto work = [&] { opened.wait(); };
    co_await home.blocking(work);
    notes += "blocked ";
}

boost::asio::awaitable<void> open_latch(std::latch& opened, std::string& notes) {
    notes += "served ";
    opened.count_down();
    co_return;
}

boost::asio::awaitable<void> serve_both(shard& home, std::string& notes) {
    std::latch opened{1};
    boost::asio::co_spawn(home.get_executor(), open_latch(opened, notes), log_if_thrown);
    co_await wait_for_latch(home, opened, notes);
}

/// Says when its coroutine is gone, and what the work had done by then.
struct witness {
    std::atomic<bool>& worked;
    bool& worked_before_the_end;
    ~witness() { worked_before_the_end = worked; }
};

boost::asio::awaitable<void> work_past_the_end(shard& home, std::atomic<bool>& worked, std::latch& begun,
                                               bool& before) {
    const witness last{worked, before};
    auto work = [&] {
        begun.count_down();
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        worked = true;
    };
    co_await home.blocking(work);
}

boost::asio::awaitable<void> stop_once(runtime& home, std::latch& begun) {
    auto wait = [&] { begun.wait(); };
    co_await home[0].blocking(wait);
    home.stop();
}

boost::asio::awaitable<void> many(shard& home, std::atomic<int>& now, std::atomic<int>& most, std::atomic<int>& left,
                                  runtime& all) {
    auto work = [&] {
        const int running = ++now;
        int seen = most;
        while (running > seen && !most.compare_exchange_weak(seen, running)) {}
        std::this_thread::yield();
        --now;
    };
    co_await home.blocking(work);
    if (--left == 0)
        all.stop();
}

/// How many there are of it.
struct counted {
    explicit counted(int& number) : count{number} { ++count; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --count; }
    int& count;
};

boost::asio::awaitable<void> count(runtime& all, std::atomic<int>& begun, std::atomic<int>& ended, int& coroutines) {
    const counted one{coroutines};
    auto work = [&] {
        ++begun;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        ++ended;
    };
    co_await all[0].blocking(work);
    all.stop();
}

// Notes whether a later cancellation would still be thrown.
boost::asio::awaitable<void> work_without_a_thread(shard& home, std::string& notes) {
    auto work = [] { return 1; };
    try {
        co_await home.blocking(work);
    } catch (const std::system_error&) {
        notes += "no thread, ";
    }
    const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
    notes += throws ? "throws" : "is silent";
}

} // namespace

TEST(blocking, gives_what_move_only_work_returns_and_goes_on_where_it_was) {
    runtime home{1};
    int sum = 0;
    home.run(add(home[0], 7, sum));
    home.run(add(home[0], 8, sum));
    EXPECT_EQ(sum, 15);
    std::thread::id worked_on;
    std::thread::id went_on;
    home.run(run_elsewhere(home[0], worked_on, went_on));
    EXPECT_NE(worked_on, std::this_thread::get_id());
    EXPECT_EQ(went_on, std::this_thread::get_id());
}

TEST(blocking, throws_what_the_work_throws) {
    runtime home{1};
    EXPECT_THROW(home.run(fail_elsewhere(home[0])), std::runtime_error);
}

TEST(blocking, leaves_the_shard_to_others_meanwhile) {
    runtime home{1};
    std::string notes;
    home.run(serve_both(home[0], notes));
    EXPECT_EQ(notes, "served blocked ");
}

TEST(blocking, works_on_a_shard_without_a_runtime) {
    shard home;
    int sum = 0;
    boost::asio::co_spawn(home.get_executor(), add(home, 3, sum), log_if_thrown);
    home.run();
    EXPECT_EQ(sum, 3);
}

TEST(blocking, is_done_by_no_more_threads_than_were_asked_for) {
    runtime home{2, 3};
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    std::atomic<int> left{200};
    for (int i = 0; i < 200; ++i) {
        shard& here = home[static_cast<std::size_t>(i) % 2];
        boost::asio::co_spawn(here.get_executor(), many(here, now, most, left, home), log_if_thrown);
    }
    home.run();
    EXPECT_EQ(left, 0);
    EXPECT_LE(most, 3);
}

TEST(blocking, is_finished_before_the_runtime_and_its_coroutines_end) {
    std::atomic<bool> worked{false};
    bool worked_before_the_end = false;
    std::latch begun{1};
    {
        runtime home{1, 2};
        boost::asio::co_spawn(home[0].get_executor(), work_past_the_end(home[0], worked, begun, worked_before_the_end),
                              log_if_thrown);
        boost::asio::co_spawn(home[0].get_executor(), stop_once(home, begun), log_if_thrown);
        home.run();
    }
    EXPECT_TRUE(worked);
    EXPECT_TRUE(worked_before_the_end);
}

TEST(blocking, that_has_not_begun_at_the_end_of_the_runtime_never_does) {
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    int coroutines = 0;
    {
        runtime home{1, 1};
        for (int i = 0; i < 20; ++i)
            boost::asio::co_spawn(home[0].get_executor(), count(home, begun, ended, coroutines), log_if_thrown);
        home.run();
    }
    EXPECT_GE(begun, 1);
    EXPECT_EQ(begun, ended);
    EXPECT_EQ(coroutines, 0);
}

TEST(blocking, of_a_cancelled_coroutine_is_waited_for) {
    shard here;
    std::latch opened{1};
    std::string notes;
    cancellable waiting{here};
    waiting.start(wait_for_latch(here, opened, notes));
    waiting.cancel();
    EXPECT_EQ(notes, "") << "the work still refers to the frame of the coroutine";
    opened.count_down();
    run_to_end(here);
    EXPECT_EQ(notes, "blocked ");
}

TEST(blocking, that_finds_no_thread_leaves_the_coroutine_as_it_was) {
    with_failing({{SYS_clone3, EAGAIN}, {SYS_clone, EAGAIN}}, [] {
        shard home;
        std::string notes;
        start(home, work_without_a_thread(home, notes));
        run_ready(home);
        EXPECT_EQ(notes, "no thread, throws");
    });
}

} // namespace fairlead::test
