#include "chat/chat_rate.hpp"

#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::command {

namespace {

class chat_rate_test : public ::testing::Test {
protected:
    /// How many of `asked` lines are allowed at `now`.
    int allowed(chat_rate& rate, int asked) {
        int count = 0;
        for (int i = 0; i < asked; ++i)
            count += rate.allow(now);
        return count;
    }

    chat_rate::time_point now{1h};
};

} // namespace

TEST_F(chat_rate_test, allows_five_seconds_worth_at_once_and_then_one_by_one) {
    chat_rate rate{10};
    EXPECT_EQ(allowed(rate, 100), 50);
    now += 99ms;
    EXPECT_EQ(allowed(rate, 100), 0);
    now += 1ms;
    EXPECT_EQ(allowed(rate, 100), 1);
}

TEST_F(chat_rate_test, saves_no_more_than_five_seconds_of_quiet) {
    chat_rate rate{2};
    EXPECT_EQ(allowed(rate, 100), 10);
    now += 1h;
    EXPECT_EQ(allowed(rate, 100), 10);
}

TEST_F(chat_rate_test, does_not_count_what_it_refuses) {
    chat_rate rate{1};
    EXPECT_EQ(allowed(rate, 1'000), 5);
    now += 1s;
    EXPECT_EQ(allowed(rate, 1'000), 1);
}

TEST_F(chat_rate_test, of_zero_allows_everything) {
    chat_rate rate{0};
    EXPECT_EQ(allowed(rate, 10'000), 10'000);
}

} // namespace fairlead::command
