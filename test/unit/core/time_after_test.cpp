#include "core/time_after.hpp"

#include <chrono>
#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::test {

namespace {

using clock = std::chrono::steady_clock;

const clock::time_point now{1h};

} // namespace

TEST(time_after, adds_what_can_be_told) {
    EXPECT_EQ(time_after(now, 5ms), now + 5ms);
    EXPECT_EQ(time_after(now, 0s), now);
    EXPECT_EQ(time_after(now, -5ms), now - 5ms);
    EXPECT_EQ(time_after(now, 876'000h), now + 876'000h);
}

TEST(time_after, is_the_latest_time_for_what_is_too_long) {
    EXPECT_EQ(time_after(now, std::chrono::milliseconds::max()), clock::time_point::max());
    EXPECT_EQ(time_after(now, std::chrono::nanoseconds::max()), clock::time_point::max());
    EXPECT_EQ(time_after(now, 876'000'000h), clock::time_point::max());
    EXPECT_EQ(time_after(clock::time_point::max(), 1ns), clock::time_point::max());
}

TEST(time_after, is_the_earliest_time_for_what_is_too_far_back) {
    EXPECT_EQ(time_after(now, std::chrono::milliseconds::min()), clock::time_point::min());
    EXPECT_EQ(time_after(now, -876'000'000h), clock::time_point::min());
    EXPECT_EQ(time_after(clock::time_point::min() + 1s, -2s), clock::time_point::min());
}

TEST(has_passed, compares_with_limits_of_any_size) {
    EXPECT_TRUE(has_passed(5ms, 5ms));
    EXPECT_FALSE(has_passed(4'999us, 5ms));
    EXPECT_FALSE(has_passed(24h, std::chrono::milliseconds::max()));
    EXPECT_TRUE(has_passed(0ns, std::chrono::milliseconds::min()));
    EXPECT_FALSE(exceeds(5ms, 5ms));
    EXPECT_TRUE(exceeds(5'001us, 5ms));
    EXPECT_FALSE(exceeds(24h, std::chrono::milliseconds::max()));
}

} // namespace fairlead::test
