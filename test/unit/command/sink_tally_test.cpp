#include "sink_tally.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace std::literals;

namespace fairlead::command {

namespace {

const sink_tally::time_point counting_from{100s};

message_part part_of(const std::string& bytes, std::uint64_t left) {
    return {.bytes = bytes_view{bytes}, .left = left};
}

} // namespace

TEST(sink_tally, counts_whole_messages_and_all_bytes_and_gives_the_mean_rate) {
    const std::string part(1 << 20, 'x');
    sink_tally tally{counting_from};
    tally.add(part_of(part, 1 << 20), counting_from + 1s);
    tally.add(part_of(part, 0), counting_from + 2s);
    tally.add(part_of(part, 0), counting_from + 3s);
    EXPECT_EQ(tally.text(), "2 messages, 3145728 bytes, 1.0 MiB/s");
}

TEST(sink_tally, tells_of_a_message_that_did_not_end) {
    const std::string part(512, 'x');
    sink_tally first{counting_from};
    first.add(part_of(part, 1), counting_from + 1s);
    EXPECT_EQ(first.text(), "a message that did not end, 512 bytes, 512 B/s");
    sink_tally tally{counting_from};
    tally.add(part_of(part, 0), counting_from + 1s);
    tally.add(part_of(part, 1), counting_from + 2s);
    EXPECT_EQ(tally.text(), "1 message and one that did not end, 1024 bytes, 512 B/s");
}

TEST(sink_tally, has_no_rate_without_bytes_or_time) {
    sink_tally tally{counting_from};
    EXPECT_EQ(tally.text(), "no message");
    tally.add({.bytes = {}, .left = 0}, counting_from + 1s);
    EXPECT_EQ(tally.text(), "1 message");
    sink_tally at_once{counting_from};
    at_once.add(part_of("x", 0), counting_from);
    EXPECT_EQ(at_once.text(), "1 message, 1 byte");
}

} // namespace fairlead::command
