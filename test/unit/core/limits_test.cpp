#include "support/framing_support.hpp"

#include <fairlead/limits.hpp>

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(limits, are_finite_and_agree_with_each_other_by_default) {
    validate(limits{});
    const limits bounds;
    for (const auto each : {bounds.first_message, bounds.message, bounds.idle, bounds.write_stall, bounds.drain})
        EXPECT_GT(each.count(), 0);
}

TEST(limits, that_contradict_each_other_are_refused_with_both_values) {
    const auto said = refusal([] { validate({.send_queue_soft = 2'000, .send_queue_hard = 1'000}); });
    EXPECT_TRUE(contains(said, "2000") && contains(said, "1000") && contains(said, "lower")) << said;
}

TEST(limits, of_negative_time_are_refused) {
    EXPECT_TRUE(contains(refusal([] { validate({.idle = std::chrono::milliseconds{-5}}); }), "-5 ms"));
}

} // namespace fairlead::test
