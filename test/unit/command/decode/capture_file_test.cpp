#include "decode/capture_file.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace fairlead::command {

TEST(capture_file, has_times_that_can_be_subtracted_whatever_a_file_says) {
    using namespace std::chrono_literals;
    EXPECT_EQ(packet_time(1'700'000'000, 5), 1'700'000'000s + 5ns);
    EXPECT_EQ(packet_time(-1, 5), -1s + 5ns);
    const auto last = packet_time(std::numeric_limits<std::int64_t>::max(), 0);
    const auto first = packet_time(std::numeric_limits<std::int64_t>::min(), 0);
    EXPECT_EQ(last, 4'294'967'296s);
    EXPECT_EQ(last - first, 2 * 4'294'967'296s);
}

} // namespace fairlead::command
