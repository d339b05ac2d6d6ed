#include "support/cancellable.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;
using milliseconds = std::chrono::milliseconds;

milliseconds since(shard::clock::time_point begin, const testkit::manual_clock& clock) {
    return std::chrono::duration_cast<milliseconds>(clock.now() - begin);
}

boost::asio::awaitable<void> sleep_then_note(shard& home, std::string& notes) {
    notes += '<';
    co_await home.sleep_for(250ms);
    notes += '>';
}

boost::asio::awaitable<void> sleep_then_note_every(shard& home, std::string& notes) {
    auto work = [&] { return sleep_then_note(home, notes); };
    co_await home.every(100ms, work);
}

class every : public ::testing::Test {
protected:
    /// Lets the shard run after each tick of 50 ms.
    void pass(milliseconds duration) {
        for (milliseconds passed{0}; passed < duration; passed += 50ms) {
            clock.advance(50ms);
            run_ready(home);
        }
    }

    void note_times_of(milliseconds interval) {
        const auto begin = clock.now();
        auto note = [this, begin] { times.push_back(since(begin, clock)); };
        start(home, home.every(interval, note));
        run_ready(home);
    }

    shard home;
    testkit::manual_clock clock{home};
    std::vector<milliseconds> times;
};

} // namespace

TEST_F(every, calls_first_after_one_interval_and_then_at_each_multiple) {
    note_times_of(100ms);
    EXPECT_EQ(times, (std::vector<milliseconds>{}));
    pass(400ms);
    EXPECT_EQ(times, (std::vector<milliseconds>{100ms, 200ms, 300ms, 400ms}));
}

TEST_F(every, does_not_drift_where_calls_are_late) {
    note_times_of(120ms); // ticks come at multiples of 50 ms, so each call is up to 30 ms late
    pass(600ms);
    EXPECT_EQ(times, (std::vector<milliseconds>{150ms, 250ms, 400ms, 500ms, 600ms}));
}

TEST_F(every, skips_calls_that_were_due_while_the_thread_was_busy) {
    note_times_of(100ms);
    clock.advance(450ms); // the shard does not run meanwhile
    run_ready(home);
    EXPECT_EQ(times, (std::vector<milliseconds>{450ms}));
    pass(150ms);
    EXPECT_EQ(times, (std::vector<milliseconds>{450ms, 500ms, 600ms}));
}

TEST_F(every, awaits_a_coroutine_and_skips_calls_that_were_due_meanwhile) {
    std::string notes;
    start(home, sleep_then_note_every(home, notes));
    run_ready(home);
    pass(350ms);
    EXPECT_EQ(notes, "<>");
    pass(50ms);
    EXPECT_EQ(notes, "<><");
}

TEST_F(every, ends_with_an_exception_of_the_work) {
    int calls = 0;
    auto work = [&] {
        if (++calls == 2)
            throw std::runtime_error{"enough"};
    };
    std::string thrown;
    boost::asio::co_spawn(home.get_executor(), home.every(50ms, work), [&](std::exception_ptr why) {
        try {
            std::rethrow_exception(why);
        } catch (const std::runtime_error& error) {
            thrown = error.what();
        }
    });
    run_ready(home);
    pass(500ms);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(thrown, "enough");
}

TEST_F(every, ends_by_cancellation) {
    int calls = 0;
    auto work = [&] { return ++calls; };
    cancellable waiting{home};
    waiting.start(home.every(50ms, work));
    pass(50ms);
    waiting.cancel();
    pass(200ms);
    EXPECT_EQ(calls, 1);
}

TEST_F(every, refuses_an_interval_of_zero_or_less) {
    for (const milliseconds each : {0ms, -5ms}) {
        std::string thrown;
        auto work = [] { ADD_FAILURE(); };
        boost::asio::co_spawn(home.get_executor(), home.every(each, work), [&](std::exception_ptr why) {
            try {
                std::rethrow_exception(why);
            } catch (const std::invalid_argument& error) {
                thrown = error.what();
            }
        });
        run_ready(home);
        EXPECT_NE(thrown.find("pass one above 0"), std::string::npos) << thrown;
    }
}

TEST_F(every, with_the_longest_interval_never_calls) {
    auto work = [] { ADD_FAILURE(); };
    start(home, home.every(shard::clock::duration::max(), work));
    run_ready(home);
    pass(200ms);
}

TEST(every_by_the_steady_clock, leaves_the_thread_to_others_however_short_the_interval) {
    shard home;
    int calls = 0, others = 0, others_meanwhile = 0;
    auto work = [&] {
        others_meanwhile = others;
        if (++calls == 20)
            throw std::runtime_error{"enough"};
        boost::asio::post(home.get_executor(), [&] { ++others; });
    };
    boost::asio::co_spawn(home.get_executor(), home.every(std::chrono::nanoseconds{1}, work),
                          [](std::exception_ptr) {});
    run_to_end(home);
    EXPECT_EQ(calls, 20);
    EXPECT_GE(others_meanwhile, 18);
}

} // namespace fairlead::test
