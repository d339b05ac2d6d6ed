#include "support/framing_support.hpp"

#include <fairlead/limits.hpp>

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(limits, are_finite_and_agree_with_each_other_by_default) {
    validate(limits{});
    const limits bounds;
    for (const auto each : {bounds.first_message_timeout, bounds.message_timeout, bounds.idle_timeout,
                            bounds.write_timeout, bounds.drain_timeout})
        EXPECT_GT(each.count(), 0);
}

TEST(limits, that_contradict_each_other_are_refused_with_both_values) {
    const auto said = refusal([] { validate({.write_high_watermark = 2'000, .max_write_buffer = 1'000}); });
    EXPECT_TRUE(contains(said, "2000") && contains(said, "1000") && contains(said, "lower")) << said;
}

TEST(limits, of_negative_time_are_refused) {
    EXPECT_TRUE(contains(refusal([] { validate({.idle_timeout = std::chrono::milliseconds{-5}}); }), "-5 ms"));
}

} // namespace fairlead::test
