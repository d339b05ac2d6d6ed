#include "log/log_exceptions.hpp"
#include "support/cancellable.hpp"

#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct threads_seen {
    std::thread::id before, called, after;
};

asio::awaitable<void> note_threads(shard& other, threads_seen& seen) {
    seen.before = std::this_thread::get_id();
    auto note = [&] { seen.called = std::this_thread::get_id(); };
    co_await other.call(note);
    seen.after = std::this_thread::get_id();
}

asio::awaitable<int> call_for_object(shard& other, int number) {
    auto made_before = std::make_unique<int>(number);
    auto make = [made = std::move(made_before)]() mutable { return std::move(made); };
    const auto made = co_await other.call(std::move(make));
    co_return *made;
}

asio::awaitable<void> call_that_throws(shard& other) {
    auto fail = []() -> int { throw std::runtime_error{"on purpose"}; };
    co_await other.call(fail);
}

asio::awaitable<int> sleep_and_return(shard& home, int number) {
    co_await home.sleep_for(1ms);
    EXPECT_TRUE(is_in_turn_of(home.get_executor()));
    co_return number;
}

asio::awaitable<int> call_coroutine(shard& other, int number) {
    auto work = [&other, number] { return sleep_and_return(other, number); };
    co_return co_await other.call(work);
}

asio::awaitable<void> sleep_and_throw(shard& home) {
    co_await home.sleep_for(1ms);
    throw std::runtime_error{"on purpose"};
}

asio::awaitable<void> call_coroutine_that_throws(shard& other) {
    auto work = [&other] { return sleep_and_throw(other); };
    co_await other.call(work);
}

/// Notes how a call of `work` on another shard ended.
template <class Work>
asio::awaitable<void> note_end(shard& other, Work work, std::string& notes) {
    try {
        co_await other.call(work);
        notes += "returned ";
    } catch (const boost::system::system_error& failed) {
        notes += failed.code() == errc::closed ? "closed " : failed.code().message() + " ";
    }
}

/// A long sleep that notes its end.
asio::awaitable<void> sleep_long(shard& home, std::string& notes) {
    try {
        co_await home.sleep_for(1h);
    } catch (const boost::system::system_error&) {
        notes += "cancelled ";
        throw;
    }
}

asio::awaitable<void> wait_for_timer(shard& home) {
    asio::steady_timer timer{home.get_executor(), 1h};
    co_await timer.async_wait(asio::use_awaitable);
}

/// Calls each shard many times, and each call calls the next shard.
asio::awaitable<void> call_around(runtime& all, std::vector<int>& counts, int depth) {
    const auto next = static_cast<std::size_t>(depth) % all.size();
    auto work = [&all, &counts, depth, next]() -> asio::awaitable<void> {
        ++counts[next];
        if (depth > 0)
            co_await call_around(all, counts, depth - 1);
    };
    co_await all[next].call(work);
    auto count = [&counts, next] { ++counts[next]; };
    co_await all[next].call(count);
}

asio::awaitable<void> call_around_often(runtime& all, std::vector<int>& counts, std::atomic<int>& left) {
    for (int i = 0; i < 50; ++i)
        co_await call_around(all, counts, 6);
    if (--left == 0)
        all.stop();
}

} // namespace

TEST(call, runs_on_the_thread_of_the_shard_and_continues_on_that_of_the_caller) {
    runtime all{2};
    threads_seen seen;
    all.run(note_threads(all[1], seen));
    EXPECT_EQ(seen.before, std::this_thread::get_id());
    EXPECT_NE(seen.called, std::this_thread::get_id());
    EXPECT_EQ(seen.after, std::this_thread::get_id());
}

TEST(call, returns_the_object_that_a_move_only_function_returns) {
    runtime all{2};
    std::jthread serving{[&] { all.run(); }};
    EXPECT_EQ(asio::co_spawn(all[0].get_executor(), call_for_object(all[1], 7), asio::use_future).get(), 7);
    EXPECT_EQ(asio::co_spawn(all[0].get_executor(), call_for_object(all[0], 8), asio::use_future).get(), 8);
    all.stop();
}

TEST(call, throws_the_exception_of_the_function) {
    runtime all{2};
    EXPECT_THROW(all.run(call_that_throws(all[1])), std::runtime_error);
    EXPECT_THROW(all.run(call_that_throws(all[0])), std::runtime_error);
    EXPECT_THROW(all.run(call_coroutine_that_throws(all[1])), std::runtime_error);
}

TEST(call, runs_the_awaitable_of_the_function_on_the_shard) {
    runtime all{2};
    std::jthread serving{[&] { all.run(); }};
    EXPECT_EQ(asio::co_spawn(all[0].get_executor(), call_coroutine(all[1], 7), asio::use_future).get(), 7);
    EXPECT_EQ(asio::co_spawn(all[0].get_executor(), call_coroutine(all[0], 8), asio::use_future).get(), 8);
    all.stop();
}

TEST(call, in_a_turn_of_the_shard_takes_no_other_turn) {
    shard home;
    std::string notes;
    start(home, note_end(
                    home, [&] { notes += "called "; }, notes));
    asio::post(home.get_executor(), [&] { EXPECT_EQ(notes, "called returned "); });
    run_to_end(home);
    EXPECT_EQ(notes, "called returned ");
}

TEST(call, comes_from_any_executor) {
    asio::io_context program{1}; // these outlive the thread that posts to them
    asio::thread_pool pool{3};
    runtime all{1};
    std::jthread serving{[&] { all.run(); }};
    auto of_context = asio::co_spawn(program, call_for_object(all[0], 7), asio::use_future);
    auto coroutine_of_context = asio::co_spawn(program, call_coroutine(all[0], 8), asio::use_future);
    program.run();
    EXPECT_EQ(of_context.get(), 7);
    EXPECT_EQ(coroutine_of_context.get(), 8);
    std::vector<std::future<int>> of_pool;
    for (int i = 0; i < 300; ++i)
        of_pool.push_back(asio::co_spawn(pool, call_for_object(all[0], i), asio::use_future));
    for (int i = 0; i < 300; ++i)
        EXPECT_EQ(of_pool[static_cast<std::size_t>(i)].get(), i);
    all.stop();
}

TEST(call, goes_between_shards_in_both_directions_at_the_same_time) {
    runtime all{3};
    std::vector<int> counts(3, 0); // each of one shard alone
    std::atomic<int> left{6};
    for (int i = 0; i < 6; ++i) {
        shard& here = all[static_cast<std::size_t>(i) % 3];
        asio::co_spawn(here.get_executor(), call_around_often(all, counts, left), log_if_thrown);
    }
    all.run();
    EXPECT_EQ(left, 0);
    EXPECT_EQ(counts[0] + counts[1] + counts[2], 6 * 50 * 7 * 2);
}

// --- cancellation

TEST(call, that_is_cancelled_before_it_has_begun_is_not_made) {
    shard home, other;
    std::string notes;
    cancellable calling{home};
    calling.start(note_end(
        other, [&] { notes += "called "; }, notes));
    calling.cancel();
    EXPECT_EQ(notes, aborted + " ");
    run_ready(other);
    EXPECT_EQ(notes, aborted + " ");
}

TEST(call, that_is_cancelled_cancels_the_coroutine_on_the_shard) {
    shard home, other;
    std::string notes;
    cancellable calling{home};
    calling.start(note_end(
        other, [&] { return sleep_long(other, notes); }, notes));
    run_ready(other);
    calling.cancel();
    EXPECT_EQ(notes, "") << "it ends on its own shard";
    run_ready(other);
    run_ready(home);
    EXPECT_EQ(notes, "cancelled " + aborted + " ");
}

TEST(call, that_is_cancelled_ends_a_wait_for_a_timer_of_asio) {
    shard home, other;
    std::string notes;
    cancellable calling{home};
    calling.start(note_end(
        other, [&] { return wait_for_timer(other); }, notes));
    run_ready(other);
    calling.cancel();
    run_to_end(other);
    run_ready(home);
    EXPECT_EQ(notes, aborted + " ");
}

TEST(call, that_is_cancelled_after_the_function_has_run_returns_its_result) {
    shard home, other;
    std::string notes;
    cancellable calling{home};
    calling.start(note_end(
        other, [&] { notes += "called "; }, notes));
    run_ready(other);
    calling.cancel();
    EXPECT_EQ(notes, "called returned ");
}

// --- shards that end

TEST(call, throws_closed_when_the_shard_ends_before_the_function_was_called) {
    shard home;
    std::string notes;
    auto other = std::make_unique<shard>();
    start(home, note_end(
                    *other, [&] { notes += "called "; }, notes));
    run_ready(home);
    other.reset();
    run_to_end(home);
    EXPECT_EQ(notes, "closed ");
}

TEST(call, throws_closed_when_the_shard_ends_before_the_coroutine_has) {
    shard home;
    std::string notes;
    auto other = std::make_unique<shard>();
    start(home, note_end(
                    *other, [&, there = other.get()] { return sleep_long(*there, notes); }, notes));
    start(home, note_end(
                    *other, [&, there = other.get()] { return wait_for_timer(*there); }, notes));
    run_ready(home);
    run_ready(*other);
    other.reset();
    run_to_end(home);
    EXPECT_EQ(notes, "closed closed ");
}

TEST(call, is_not_made_after_the_shard_of_the_caller_has_ended) {
    shard other;
    std::string notes;
    auto home = std::make_unique<shard>();
    const auto held = std::make_shared<int>();
    start(*home, note_end(
                     other, [&, held] { notes += "called "; }, notes));
    run_ready(*home);
    EXPECT_GT(held.use_count(), 1);
    home.reset();
    run_ready(other);
    EXPECT_EQ(notes, "");
    EXPECT_EQ(held.use_count(), 1);
}

TEST(call, cancels_its_coroutine_when_the_shard_of_the_caller_ends) {
    shard other;
    std::string notes, unused;
    auto home = std::make_unique<shard>();
    start(*home, note_end(
                     other, [&] { return sleep_long(other, notes); }, unused));
    run_ready(*home);
    run_ready(other);
    home.reset();
    run_to_end(other);
    EXPECT_EQ(notes, "cancelled ");
}

TEST(call, is_awaited_by_the_shard_of_a_caller_that_ends_while_the_function_runs) {
    runtime others{1};
    std::jthread serving{[&] { others.run(); }};
    std::latch begun{1};
    std::atomic<bool> ended{false};
    std::string notes;
    auto home = std::make_unique<shard>();
    auto work = [&] {
        begun.count_down();
        std::this_thread::sleep_for(30ms);
        ended = true;
    };
    start(*home, note_end(others[0], work, notes));
    run_ready(*home);
    begun.wait();
    home.reset();
    EXPECT_TRUE(ended);
    EXPECT_EQ(notes, "");
    others.stop();
}

TEST(call, of_both_kinds_goes_with_a_runtime_that_ends_first_or_last) {
    for (const std::size_t caller : {0u, 1u}) {
        std::string notes;
        const auto held = std::make_shared<int>();
        {
            runtime all{2};
            shard& other = all[1 - caller];
            start(all[caller], note_end(
                                   other, [&, held] { notes += "called "; }, notes));
            start(all[caller], note_end(
                                   other, [&, held] { return sleep_long(other, notes); }, notes));
            all[caller].poll();
        }
        EXPECT_EQ(notes, "");
        EXPECT_EQ(held.use_count(), 1);
    }
}

} // namespace fairlead::test
