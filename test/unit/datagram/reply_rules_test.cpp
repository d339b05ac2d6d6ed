#include "datagram/reply_rules.hpp"

#include "support/datagram_paths.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace fairlead::test {

TEST(amplification_budget, lets_through_so_many_times_what_came_with_its_headers) {
    amplification_budget budget{3};
    EXPECT_FALSE(budget.take(0));
    budget.received(100);
    EXPECT_FALSE(budget.take(3 * 128 - 28 + 1));
    EXPECT_TRUE(budget.take(3 * 128 - 28));
    EXPECT_FALSE(budget.take(0));
}

TEST(amplification_budget, is_used_up_by_several_replies) {
    amplification_budget budget{3};
    budget.received(2);
    EXPECT_TRUE(budget.take(2));
    EXPECT_TRUE(budget.take(2));
    EXPECT_TRUE(budget.take(2));
    EXPECT_FALSE(budget.take(0));
    budget.received(2);
    EXPECT_TRUE(budget.take(2));
}

TEST(amplification_budget, of_ratio_0_allows_all) {
    amplification_budget budget{0};
    EXPECT_TRUE(budget.take(65'507));
}

TEST(amplification_budget, of_an_absurd_ratio_does_not_overflow) {
    amplification_budget budget{std::numeric_limits<std::size_t>::max()};
    budget.received(65'507);
    EXPECT_TRUE(budget.take(65'507));
}

TEST(reply_rules, know_the_ports_of_services_that_answer_by_themselves) {
    for (const int port : {7, 13, 17, 19, 37, 53, 69, 111, 123, 137, 161, 389, 1900, 5353, 11211})
        EXPECT_TRUE(is_service_port(static_cast<std::uint16_t>(port))) << port;
    for (const int port : {0, 1, 8, 54, 1024, 9000, 40000, 65535})
        EXPECT_FALSE(is_service_port(static_cast<std::uint16_t>(port))) << port;
}

TEST(reply_rules, know_what_comes_from_ourselves) {
    const auto four = udp_endpoint_at("192.0.2.1", 9000);
    EXPECT_TRUE(comes_from_ourselves(path_from("192.0.2.1", 9000), four));
    EXPECT_TRUE(comes_from_ourselves(path_from("127.0.0.1", 9000), four));
    EXPECT_FALSE(comes_from_ourselves(path_from("192.0.2.1", 9001), four));
    EXPECT_FALSE(comes_from_ourselves(path_from("192.0.2.2", 9000), four));

    const auto all = udp_endpoint_at("::", 9000);
    EXPECT_TRUE(comes_from_ourselves(path_from("2001:db8::1", 9000, "2001:db8::1"), all));
    EXPECT_FALSE(comes_from_ourselves(path_from("2001:db8::2", 9000, "2001:db8::1"), all));
    EXPECT_TRUE(comes_from_ourselves(path_from("::1", 9000, "::1"), all));
    EXPECT_TRUE(comes_from_ourselves(path_from("::ffff:192.0.2.1", 9000, "192.0.2.1"), all));
    EXPECT_TRUE(comes_from_ourselves(path_from("::ffff:127.0.0.1", 9000, "192.0.2.1"), all));
}

TEST(source_key, is_one_for_an_address_of_ipv4_and_a_64_of_ipv6) {
    const auto key = [](const char* address, std::uint16_t port = 1) { return source_key(path_from(address, port)); };
    EXPECT_EQ(key("192.0.2.1", 1), key("192.0.2.1", 2));
    EXPECT_EQ(key("192.0.2.1"), key("::ffff:192.0.2.1"));
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:2"));
    EXPECT_NE(key("2001:db8::1"), key("2001:db8:0:1::1"));
    EXPECT_NE(key("::1"), 0u);
    EXPECT_NE(key("0.0.0.0"), 0u);
}

} // namespace fairlead::test
