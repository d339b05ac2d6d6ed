#include <fairlead/statistics.hpp>

#include <gtest/gtest.h>

#include <string>

namespace fairlead::test {

TEST(statistics, add_up_over_shards) {
    session_statistics one, sum;
    one.accepted = 3;
    one.active = 1;
    one.closed.by_peer = 1;
    one.closed.idle_timeout = 1;
    one.bytes_out = 1'000;
    sum += one;
    sum += one;
    EXPECT_EQ(sum.accepted, 6u);
    EXPECT_EQ(sum.closed.by_peer, 2u);
    EXPECT_EQ(sum.closed.total(), 4u);
    EXPECT_EQ(sum.bytes_out, 2'000u);
    EXPECT_EQ(sum.accepted, sum.active + sum.closed.total());
}

TEST(statistics, are_written_as_names_and_values_on_one_line) {
    statistics all;
    all.accepted = 7;
    all.closed.write_timeout = 2;
    all.held_for_rate = 5;
    const std::string line = to_string(all);
    EXPECT_TRUE(line.starts_with("accepted=7 active=0 ")) << line;
    EXPECT_NE(line.find(" closed_write_timeout=2 "), std::string::npos) << line;
    EXPECT_NE(line.find(" held_for_rate=5 "), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_LT(line.size(), 1'024u) << "or the log would cut it";
}

TEST(statistics, fit_into_a_line_of_the_log_whatever_they_count) {
    statistics all;
    all.accepted = all.messages_in = all.messages_out = all.bytes_in = all.bytes_out = 999'999'999'999'999;
    EXPECT_LT(to_string(all).size() + sizeof "statistics ", 1'024u);
}

} // namespace fairlead::test
