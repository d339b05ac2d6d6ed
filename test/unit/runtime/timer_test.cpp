#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>

namespace fairlead::test {

namespace {

using std::chrono::milliseconds;

} // namespace

TEST(timer, rings_once_and_keeps_its_shard_running_until_then) {
    shard home;
    int rung = 0;
    timer watched{core_of(home), [&] { ++rung; }};
    home.run();
    EXPECT_EQ(rung, 0) << "it was not set";
    watched.set(milliseconds{5});
    home.run();
    EXPECT_EQ(rung, 1);
}

TEST(timer, rings_in_a_later_turn_when_no_time_is_left) {
    for (const milliseconds after : {milliseconds{0}, milliseconds{-5}}) {
        shard home;
        int rung = 0;
        timer watched{core_of(home), [&] { ++rung; }};
        watched.set(after);
        EXPECT_EQ(rung, 0);
        home.run();
        EXPECT_EQ(rung, 1);
    }
}

TEST(timer, rings_again_and_again_until_it_is_cancelled) {
    shard home;
    int rung = 0;
    timer* self = nullptr;
    timer watched{core_of(home), [&] {
                      if (++rung == 3)
                          self->cancel();
                  }};
    self = &watched;
    watched.set(milliseconds{1}, milliseconds{1});
    home.run();
    EXPECT_EQ(rung, 3);
}

TEST(timer, does_not_ring_when_it_was_cancelled_after_its_time_had_come) {
    shard home;
    int rung = 0;
    timer* others[2] = {};
    timer first{core_of(home), [&] {
                    ++rung;
                    others[1]->cancel();
                }};
    timer second{core_of(home), [&] {
                     ++rung;
                     others[0]->cancel();
                 }};
    others[0] = &first;
    others[1] = &second;
    first.set(milliseconds{0});
    second.set(milliseconds{0});
    std::this_thread::sleep_for(milliseconds{1}); // now one turn finds both
    home.run();
    EXPECT_EQ(rung, 1);
}

TEST(timer, forgets_the_time_that_was_set_before) {
    shard home;
    int rung = 0;
    timer watched{core_of(home), [&] { ++rung; }};
    watched.set(std::chrono::hours{1});
    watched.set(milliseconds{1});
    home.run();
    EXPECT_EQ(rung, 1);
}

} // namespace fairlead::test
