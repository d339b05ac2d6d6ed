#include "session/turn_budget.hpp"

#include <gtest/gtest.h>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

// The numbers of the messages after which the clock is read, of a turn in which each takes `each`; the last one ends it.
std::vector<int> looks(turn_budget::time each, turn_budget::time begin = 1h) {
    turn_budget budget;
    budget.begin();
    std::vector<int> found;
    for (int message = 1; message <= 2'000; ++message) {
        budget.took_message();
        if (!budget.must_look())
            continue;
        found.push_back(message);
        if (budget.used_up(begin + message * each))
            break;
    }
    return found;
}

} // namespace

TEST(turn_budget, reads_the_clock_less_and_less_often) {
    const auto found = looks(0ms);
    ASSERT_GT(found.size(), 4u);
    EXPECT_EQ((std::vector<int>{found.begin(), found.begin() + 5}), (std::vector<int>{1, 4, 16, 32, 48}));
    EXPECT_EQ(found.back(), static_cast<int>(turn_budget::max_messages));
}

TEST(turn_budget, is_used_up_by_time) {
    EXPECT_EQ(looks(1ms), (std::vector<int>{1, 4, 16}));
    EXPECT_EQ(looks(2ms), (std::vector<int>{1, 4}));
}

TEST(turn_budget, bears_a_clock_that_passes_its_largest_number) {
    EXPECT_EQ(looks(1ms, turn_budget::time{0xFFFF'FFFE}), (std::vector<int>{1, 4, 16}));
}

TEST(turn_budget, is_used_up_by_reads) {
    turn_budget budget;
    for (unsigned i = 0; i < turn_budget::max_fills; ++i) {
        EXPECT_FALSE(budget.must_look());
        budget.filled();
    }
    EXPECT_TRUE(budget.must_look());
    EXPECT_TRUE(budget.used_up(0ms));
    budget.begin();
    EXPECT_FALSE(budget.must_look());
}

TEST(turn_budget, stays_used_up_until_the_next_turn) {
    turn_budget budget;
    budget.took_message();
    EXPECT_FALSE(budget.used_up(0ms));
    for (int i = 0; i < 3; ++i)
        budget.took_message();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(budget.must_look());
        EXPECT_TRUE(budget.used_up(6ms));
    }
}

TEST(turn_budget, has_to_look_when_it_is_told_to_and_then_as_usual) {
    turn_budget budget;
    budget.look_now();
    EXPECT_TRUE(budget.must_look());
    EXPECT_FALSE(budget.used_up(1h));
    EXPECT_FALSE(budget.must_look());
    budget.took_message();
    EXPECT_TRUE(budget.must_look());
    EXPECT_FALSE(budget.used_up(1h + 5ms));
    EXPECT_FALSE(budget.must_look());
}

TEST(turn_budget, counts_its_time_from_the_first_look_at_the_clock) {
    turn_budget budget;
    budget.took_message();
    budget.took_message();
    EXPECT_FALSE(budget.used_up(1h));
    EXPECT_FALSE(budget.used_up(1h + 5ms));
    EXPECT_TRUE(budget.used_up(1h + 6ms));
}

} // namespace fairlead::test
