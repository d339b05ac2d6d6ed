#include "datagram/source_rates.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 0x5EED;
constexpr source_rates::time_point start{1h};

int count_allowed(source_rates& rates, std::uint64_t source, source_rates::time_point now, int attempts) {
    int allowed = 0;
    for (int i = 0; i < attempts; ++i)
        allowed += rates.take(source, now) ? 1 : 0;
    return allowed;
}

} // namespace

TEST(source_rates, allow_ten_seconds_worth_at_once_and_then_as_much_as_the_rate) {
    source_rates rates{100, seed};
    EXPECT_EQ(count_allowed(rates, 1, start, 5000), 1000);
    EXPECT_EQ(count_allowed(rates, 1, start + 500ms, 5000), 50);
    EXPECT_EQ(count_allowed(rates, 1, start + 500ms, 5000), 0);
    EXPECT_EQ(count_allowed(rates, 1, start + 1h, 5000), 1000);
}

TEST(source_rates, do_not_lose_what_is_less_than_a_millisecond_s_worth) {
    source_rates rates{100, seed};
    count_allowed(rates, 1, start, 5000);
    int allowed = 0;
    for (auto now = start; now < start + 1s; now += 100us)
        allowed += rates.take(1, now) ? 1 : 0;
    EXPECT_GE(allowed, 99);
    EXPECT_LE(allowed, 100);
}

TEST(source_rates, are_each_source_s_own) {
    source_rates rates{100, seed};
    EXPECT_EQ(count_allowed(rates, 1, start, 5000), 1000);
    EXPECT_EQ(count_allowed(rates, 2, start, 5000), 1000);
}

TEST(source_rates, of_0_allow_any_number) {
    source_rates rates{0, seed};
    EXPECT_EQ(count_allowed(rates, 1, start, 100'000), 100'000);
}

TEST(source_rates, remember_a_busy_source_in_a_flood_of_others) {
    source_rates rates{100, seed};
    EXPECT_EQ(count_allowed(rates, 1, start, 5000), 1000);
    for (std::uint64_t other = 2; other < 1'000'000; ++other)
        ASSERT_TRUE(rates.take(other, start)) << other;
    EXPECT_EQ(count_allowed(rates, 1, start, 5000), 0);
}

TEST(source_rates, forget_a_source_that_was_quiet_before_one_that_is_busy) {
    source_rates rates{100, seed};
    const std::uint64_t sources = source_rates::sets * source_rates::ways * 2;
    for (std::uint64_t each = 1; each <= sources; ++each)
        count_allowed(rates, each, start, 1000);
    int remembered = 0;
    for (std::uint64_t each = 1; each <= sources; ++each)
        remembered += rates.take(each, start) ? 0 : 1;
    EXPECT_GT(remembered, 0) << "every one was forgotten";
}

TEST(source_rates, go_on_when_the_milliseconds_since_the_start_exceed_32_bits) {
    source_rates rates{100, seed};
    const auto late = source_rates::time_point{std::chrono::milliseconds{0xFFFFFFFF}};
    EXPECT_EQ(count_allowed(rates, 1, late, 5000), 1000);
    EXPECT_EQ(count_allowed(rates, 1, late + 500ms, 5000), 50);
}

} // namespace fairlead::test
