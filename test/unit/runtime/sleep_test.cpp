#include "support/run.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <string>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;
using clock = shard::clock;

boost::asio::awaitable<void> sleep_and_note(shard& home, clock::duration duration, std::string& notes, char name) {
    co_await home.sleep_for(duration);
    notes += name;
}

boost::asio::awaitable<void> measure(shard& home, clock::duration duration, clock::duration& slept) {
    const auto began = clock::now();
    co_await home.sleep_for(duration);
    slept = clock::now() - began;
}

} // namespace

TEST(sleep_for, is_never_early) {
    for (const auto each : {1ms, 3ms, 10ms}) {
        shard home;
        clock::duration slept{};
        start(home, measure(home, each, slept));
        run_to_end(home);
        EXPECT_GE(slept, each);
    }
}

TEST(sleep_for, wakes_the_earliest_first) {
    shard home;
    testkit::manual_clock clock{home};
    std::string notes;
    start(home, sleep_and_note(home, 6ms, notes, 'c'));
    start(home, sleep_and_note(home, 2ms, notes, 'a'));
    start(home, sleep_and_note(home, 4ms, notes, 'b'));
    run_ready(home);
    EXPECT_EQ(notes, "");
    clock.advance(50ms);
    run_ready(home);
    EXPECT_EQ(notes, "abc");
}

TEST(sleep_for, does_not_wait_when_the_time_has_passed) {
    shard home;
    std::string notes;
    start(home, sleep_and_note(home, -1s, notes, 'a'));
    start(home, sleep_and_note(home, clock::duration::min(), notes, 'b'));
    start(home, sleep_and_note(home, 0s, notes, 'c'));
    run_ready(home);
    EXPECT_EQ(notes, "abc");
}

TEST(sleep_for, sleeps_for_ever_when_the_time_is_beyond_the_clock) {
    shard home;
    std::string notes;
    start(home, sleep_and_note(home, clock::duration::max(), notes, 'a'));
    for (int i = 0; i < 5; ++i)
        run_a_moment(home);
    EXPECT_EQ(notes, "");
}

TEST(sleep_for, follows_a_manual_clock) {
    shard home;
    testkit::manual_clock clock{home};
    std::string notes;
    start(home, sleep_and_note(home, 1h, notes, 'a'));
    run_ready(home);
    clock.advance(59min);
    run_ready(home);
    EXPECT_EQ(notes, "");
    clock.advance(61s);
    run_ready(home);
    EXPECT_EQ(notes, "a");
}

} // namespace fairlead::test
