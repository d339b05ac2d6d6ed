#include "core/retry_pause.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

using namespace std::chrono_literals;

TEST(retry_pause, doubles_up_to_80_ms_and_begins_again_after_a_success) {
    retry_pause pause;
    for (const auto expected : {10ms, 20ms, 40ms, 80ms, 80ms})
        EXPECT_EQ(pause.next(), expected);
    pause.reset();
    EXPECT_EQ(pause.next(), 10ms);
}

} // namespace fairlead::test
