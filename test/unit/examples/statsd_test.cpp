#include "examples/statsd.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

statsd::counts sums_of(bytes_view datagram) {
    statsd::counts sums;
    statsd::add(datagram, sums);
    return sums;
}

} // namespace

TEST(statsd, adds_up_the_counters_of_a_datagram) {
    EXPECT_EQ(sums_of("visits:2|c\nerrors:-1|c\nvisits:40|c"), (statsd::counts{{"errors", -1}, {"visits", 42}}));
    EXPECT_EQ(sums_of("\nvisits:1|c\n\n"), (statsd::counts{{"visits", 1}}));
    EXPECT_EQ(sums_of("n:2147483647|c\nn:1|c"), (statsd::counts{{"n", 2'147'483'648}}));
}

TEST(statsd, drops_lines_that_are_no_counters) {
    for (const char* const line : {"", ":", "|c", ":1|c", "a|c", "a:|c", "a:1", "a:1|g", "a:1x|c", "a:1|c|@0.1",
                                   "a:+1|c", "a: 1|c", "a:1.5|c", "a:b:1|c", "a:2147483648|c", "a:1|c\r", "nonsense"})
        EXPECT_FALSE(statsd::parse(line)) << line;
}

TEST(statsd, takes_no_more_names_than_its_limit) {
    statsd::counts sums;
    for (std::size_t i = 0; i <= statsd::max_names; ++i)
        statsd::add("n" + std::to_string(i) + ":1|c", sums);
    EXPECT_EQ(sums.size(), statsd::max_names);
    statsd::add("n0:1|c", sums);
    EXPECT_EQ(sums["n0"], 2);
}

} // namespace fairlead::test
