#include "apps/fairlead/traffic_line.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

constexpr rate_meter::time_point begin{1h};

} // namespace

TEST(traffic_line, tells_what_there_is_and_how_fast_it_grows) {
    traffic_line line;
    session_statistics counted;
    EXPECT_EQ(line.next(begin, counted), "no session  0 B in, 0 B/s  0 B out, 0 B/s");
    counted.active = 1;
    counted.bytes_in = 3 << 20;
    counted.bytes_out = 100;
    EXPECT_EQ(line.next(begin + 500ms, counted), "1 session  3.0 MiB in, 6.0 MiB/s  100 B out, 200 B/s");
}

TEST(traffic_line, forgets_what_was_long_ago) {
    traffic_line line;
    session_statistics counted;
    line.next(begin, counted);
    counted.bytes_in = 1 << 30;
    line.next(begin + 1s, counted);
    std::string last;
    for (int i = 2; i <= 10; ++i)
        last = line.next(begin + i * 1s, counted);
    EXPECT_EQ(last, "no session  1.0 GiB in, 0 B/s  0 B out, 0 B/s");
}

} // namespace fairlead::command
