#include "net/multicast.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <stdexcept>

namespace fairlead::test {

TEST(multicast_groups, may_have_a_zone) {
    const unsigned lo = ::if_nametoindex("lo");
    EXPECT_EQ(zone_of(parse_group("ff02::1234%lo")), lo);
    EXPECT_EQ(zone_of(parse_group("ff05::1234%lo")), lo);
    EXPECT_EQ(zone_of(parse_group("ff02::1234")), 0u);
    EXPECT_EQ(zone_of(parse_group("239.255.0.1")), 0u);
    EXPECT_THROW(parse_group("ff02::1234%no-such-if0"), std::invalid_argument);
    EXPECT_THROW(parse_group("239.255.0.1%lo"), std::invalid_argument);
    EXPECT_THROW(parse_group("fe80::1%lo"), std::invalid_argument);
}

TEST(multicast_groups, are_joined_at_the_interface_of_their_zone_or_the_one_that_is_named) {
    const unsigned lo = ::if_nametoindex("lo");
    EXPECT_EQ(interface_for(parse_group("ff02::1"), ""), 0u);
    EXPECT_EQ(interface_for(parse_group("ff02::1"), "lo"), lo);
    EXPECT_EQ(interface_for(parse_group("ff02::1%lo"), ""), lo);
    EXPECT_EQ(interface_for(parse_group("ff02::1%lo"), "lo"), lo);
    EXPECT_THROW(interface_for(parse_group("ff02::1%987654"), "lo"), std::invalid_argument);
}

} // namespace fairlead::test
