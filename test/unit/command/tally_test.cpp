#include "load/tally.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

using namespace std::chrono_literals;

TEST(tally, counts_errors_by_kind_and_keeps_the_first_of_each) {
    tally counts;
    counts.note(load_error::wrong, 1, [] { return "first"; });
    counts.note(load_error::wrong, 2, [] { return "second"; });
    counts.note(load_error::lost, 0, [] { return "nothing was lost"; });
    EXPECT_EQ(counts.of(load_error::wrong), 3u);
    EXPECT_EQ(counts.first(load_error::wrong), "first");
    EXPECT_EQ(counts.of(load_error::lost), 0u);
    EXPECT_EQ(counts.first(load_error::lost), "");
    EXPECT_EQ(counts.all_errors(), 3u);
}

TEST(tally, adds_up) {
    tally one, other;
    one.messages = 1;
    one.latency.note(5ns);
    other.messages = 2;
    other.unsent = 3;
    other.due = 10;
    other.dropped = 11;
    other.bytes_sent = 4;
    other.bytes_received = 5;
    other.connects = 6;
    other.replies = 7;
    other.latency.note(9ns);
    other.note(load_error::broken, 8, [] { return "there"; });
    one.add(other);
    one.add(tally{});
    EXPECT_EQ(one.messages, 3u);
    EXPECT_EQ(one.unsent, 3u);
    EXPECT_EQ(one.due, 10u);
    EXPECT_EQ(one.dropped, 11u);
    EXPECT_EQ(one.bytes_sent, 4u);
    EXPECT_EQ(one.bytes_received, 5u);
    EXPECT_EQ(one.connects, 6u);
    EXPECT_EQ(one.replies, 7u);
    EXPECT_EQ(one.of(load_error::broken), 8u);
    EXPECT_EQ(one.first(load_error::broken), "there");
    EXPECT_EQ(one.latency.count(), 2u);
    EXPECT_EQ(one.latency.max(), 9ns);
}

TEST(load_error, has_a_name_and_a_description_for_each_kind) {
    for (std::size_t kind = 0; kind < load_errors; ++kind) {
        EXPECT_STRNE(name_of(static_cast<load_error>(kind)), "");
        EXPECT_STRNE(describe(static_cast<load_error>(kind)), "");
    }
    EXPECT_STREQ(name_of(load_error::unexpected), "unexpected") << "the last";
}

} // namespace fairlead::command
