#include "core/token_bucket.hpp"

#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::test {

class token_bucket_test : public ::testing::Test {
protected:
    /// How many of `asked` are allowed at `now`.
    int taken(token_bucket& bucket, int asked) {
        int count = 0;
        for (int i = 0; i < asked && bucket.ready(now); ++i, ++count)
            bucket.take();
        return count;
    }

    token_bucket::time_point now{1h};
};

TEST_F(token_bucket_test, allows_its_rate_at_once_and_then_one_by_one) {
    token_bucket bucket{10};
    EXPECT_EQ(taken(bucket, 50), 10);
    EXPECT_EQ(bucket.wait(), 100ms);
    now += 99ms;
    EXPECT_EQ(taken(bucket, 50), 0);
    now += 1ms;
    EXPECT_EQ(taken(bucket, 50), 1);
}

TEST_F(token_bucket_test, saves_no_more_than_a_second_of_quiet) {
    token_bucket bucket{10};
    EXPECT_EQ(taken(bucket, 50), 10);
    now += 1h;
    EXPECT_EQ(taken(bucket, 50), 10);
}

TEST_F(token_bucket_test, keeps_its_rate_over_a_long_time) {
    token_bucket bucket{1'000};
    int count = 0;
    for (int i = 0; i < 10'000; ++i, now += 1ms)
        count += taken(bucket, 5);
    EXPECT_NEAR(count, 11'000, 5);
}

TEST_F(token_bucket_test, of_rate_zero_allows_everything) {
    token_bucket bucket{0};
    EXPECT_EQ(taken(bucket, 1'000'000), 1'000'000);
    EXPECT_EQ(bucket.wait(), 0ms);
}

} // namespace fairlead::test
