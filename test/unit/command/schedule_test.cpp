#include "load/schedule.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

int due_by(const rate_schedule& schedule, std::chrono::nanoseconds time) {
    int messages = 0;
    while (schedule.due(static_cast<std::uint64_t>(messages)) < time)
        ++messages;
    return messages;
}

} // namespace

TEST(rate_schedule, spreads_messages_evenly) {
    const rate_schedule schedule{1'000, 0ns};
    EXPECT_EQ(schedule.due(0), 0ns);
    EXPECT_EQ(schedule.due(1), 1ms);
    EXPECT_EQ(schedule.due(1'000), 1s);
    EXPECT_EQ(schedule.due(3'600'000), 1h);
}

TEST(rate_schedule, does_not_drift_where_the_gap_is_no_whole_number) {
    const rate_schedule schedule{3, 0ns};
    EXPECT_EQ(schedule.due(1), 333'333'333ns);
    EXPECT_EQ(schedule.due(3 * 86'400), 24h);
}

TEST(rate_schedule, grows_evenly_over_the_ramp_up) {
    const rate_schedule schedule{1'000, 10s};
    EXPECT_EQ(schedule.due(0), 0ns);
    EXPECT_NEAR(due_by(schedule, 2s), 200, 1) << "at a fifth of the time, a fifth of the rate: a twenty-fifth of 5,000";
    EXPECT_NEAR(due_by(schedule, 5s), 1'250, 1);
    EXPECT_NEAR(due_by(schedule, 10s), 5'000, 1);
    EXPECT_NEAR(due_by(schedule, 11s), 6'000, 1) << "then the whole rate";
    EXPECT_NEAR(due_by(schedule, 20s), 15'000, 1);
}

TEST(rate_schedule, never_goes_back) {
    const rate_schedule schedule{777, 3s};
    for (std::uint64_t message = 1; message < 5'000; ++message)
        ASSERT_GE(schedule.due(message), schedule.due(message - 1)) << message;
}

TEST(rate_schedule, counts_what_is_due_without_going_through_it) {
    for (const rate_schedule& schedule : {rate_schedule{777, 3s}, rate_schedule{1'000, 0s}, rate_schedule{3, 1s}}) {
        for (const auto time :
             {0ns, 1ns, 1'000'000ns, 999'999'999ns, 1'000'000'000ns, 2'999'999'999ns, 5'000'000'001ns})
            EXPECT_EQ(schedule.due_before(time), static_cast<std::uint64_t>(due_by(schedule, time))) << time.count();
    }
    EXPECT_EQ((rate_schedule{1e9, 0s}.due_before(1h)), 3'600'000'000'000u);
}

TEST(share_before, divides_the_messages_among_workers_in_turn) {
    for (std::uint64_t end = 0; end < 20; ++end) {
        std::uint64_t all = 0;
        for (std::uint64_t index = 0; index < 3; ++index) {
            std::uint64_t share = 0;
            for (std::uint64_t message = index; message < end; message += 3)
                ++share;
            EXPECT_EQ(share_before(end, index, 3), share) << end << " " << index;
            all += share;
        }
        EXPECT_EQ(all, end);
    }
}

TEST(connection_start, spreads_connections_over_the_ramp_up) {
    EXPECT_EQ(connection_start(0, 4, 8s), 0ns);
    EXPECT_EQ(connection_start(1, 4, 8s), 2s);
    EXPECT_EQ(connection_start(3, 4, 8s), 6s);
    EXPECT_EQ(connection_start(3, 4, 0s), 0ns) << "all at once without one";
}

} // namespace fairlead::command
