#include "runtime/turn_times.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

struct told_clock {
    using time_point = std::chrono::steady_clock::time_point;
    static time_point now() noexcept {
        ++reads;
        return time_point{at};
    }
    inline static std::chrono::nanoseconds at{};
    inline static int reads = 0;
};

std::uint64_t count_of(const time_histogram& counted) {
    std::vector<std::uint64_t> counts(time_histogram::limits + 1);
    counted.add_to(counts);
    std::uint64_t all = 0;
    for (const std::uint64_t each : counts)
        all += each;
    return all;
}

class turn_times_test : public ::testing::Test {
protected:
    turn_times_test() {
        told_clock::at = 1s;
        told_clock::reads = 0;
        times.turn_begins();
    }

    void serve(std::chrono::nanoseconds passed) {
        times.session_begins();
        work(passed);
        times.session_waits();
    }

    static void work(std::chrono::nanoseconds passed) { told_clock::at += passed; }

    std::uint64_t in_bin(std::size_t bin) const {
        std::vector<std::uint64_t> counts(time_histogram::limits + 1);
        times.handler().add_to(counts);
        return counts[bin];
    }

    void expect_handler(std::uint64_t times_kept, std::chrono::nanoseconds sum) const {
        EXPECT_EQ(count_of(times.handler()), times_kept);
        EXPECT_EQ(times.handler().sum(), sum);
    }

    basic_turn_times<told_clock> times;
};

} // namespace

TEST_F(turn_times_test, reads_the_clock_once_for_each_session_and_twice_for_the_turn) {
    for (int i = 0; i < 3; ++i)
        serve(20us);
    times.turn_ends();
    EXPECT_EQ(told_clock::reads, 5);
    expect_handler(3, 60us);
    EXPECT_EQ(count_of(times.loop()), 1u);
    EXPECT_EQ(times.loop().sum(), 60us);
}

TEST_F(turn_times_test, reads_the_clock_once_for_four_sessions_that_are_fast) {
    for (int i = 0; i < 9; ++i)
        serve(2us);
    times.turn_ends();
    EXPECT_EQ(told_clock::reads, 5) << "at the begin, behind 1, 5 and 9 sessions, and at the end";
    expect_handler(9, 18us);
    EXPECT_EQ(in_bin(0), 9u);
}

TEST_F(turn_times_test, misses_no_session_that_takes_long_among_fast_ones) {
    serve(2us);
    for (const auto each : {2us, 2us, 20'000us, 2us})
        serve(each);
    expect_handler(5, 20ms + 8us);
    EXPECT_EQ(in_bin(0), 4u);
    EXPECT_EQ(in_bin(10), 1u) << "10 to 25 ms";
    const int before = told_clock::reads;
    serve(2us);
    EXPECT_EQ(told_clock::reads, before + 1) << "each alone, until they are fast again";
}

TEST_F(turn_times_test, counts_sessions_that_are_timed_together_with_the_same_time) {
    serve(2us);
    for (const auto each : {1us, 15us, 1us, 15us})
        serve(each);
    expect_handler(5, 34us);
    EXPECT_EQ(in_bin(0), 5u);
}

TEST_F(turn_times_test, counts_fast_sessions_before_other_work_and_at_the_end_of_the_turn) {
    serve(2us);
    serve(2us);
    times.other_work();
    work(20ms);
    serve(3us);
    times.turn_ends();
    expect_handler(3, 7us);
}

TEST_F(turn_times_test, leaves_out_the_time_between_turns) {
    times.turn_ends();
    work(5s);
    times.turn_begins();
    serve(1us);
    times.turn_ends();
    expect_handler(1, 1us);
    EXPECT_EQ(count_of(times.loop()), 2u);
    EXPECT_EQ(times.loop().sum(), 1us);
}

TEST_F(turn_times_test, blames_no_session_for_other_work_before_it) {
    times.other_work();
    work(20ms);
    serve(1us);
    times.turn_ends();
    expect_handler(1, 1us);
    EXPECT_EQ(times.loop().sum(), 20ms + 1us);
}

TEST_F(turn_times_test, ends_the_time_of_a_session_where_other_work_begins) {
    times.session_begins();
    work(2us);
    times.other_work();
    work(20ms);
    serve(1us);
    times.turn_ends();
    expect_handler(2, 3us);
}

TEST_F(turn_times_test, tells_two_sessions_apart_where_the_first_waits_for_something_else) {
    times.session_begins();
    work(20ms);
    serve(1us);
    expect_handler(2, 20ms + 1us);
}

TEST_F(turn_times_test, counts_a_session_that_has_not_waited_when_its_turn_ends) {
    times.session_begins();
    work(20ms);
    times.session_leaves();
    work(1ms);
    times.session_leaves();
    times.turn_ends();
    expect_handler(1, 20ms);
}

TEST_F(turn_times_test, reads_the_clock_once_for_the_end_of_a_turn_and_of_its_last_session) {
    times.session_begins();
    work(20ms);
    times.turn_ends();
    expect_handler(1, 20ms);
    EXPECT_EQ(times.loop().sum(), 20ms);
    EXPECT_EQ(told_clock::reads, 2);
}

TEST_F(turn_times_test, counts_a_session_that_was_resumed_unnoticed) {
    work(20ms);
    times.session_waits();
    expect_handler(1, 20ms);
}

} // namespace fairlead::test
