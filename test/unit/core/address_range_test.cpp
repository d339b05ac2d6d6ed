#include <fairlead/address_range.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/un.h>

namespace fairlead::test {

namespace {

endpoint host_at(const std::string& name) {
    return endpoint::parse("tcp://" + name + ":9000");
}

bool range_contains(std::string_view range, const std::string& host) {
    return address_range::parse(range).contains(host_at(host));
}

std::string range_refusal(std::string_view text) {
    try {
        address_range::parse(text);
        return "none";
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
}

endpoint unnamed_unix_peer() {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    return {reinterpret_cast<const ::sockaddr*>(&address), sizeof address.sun_family};
}

} // namespace

TEST(address_range, contains_the_addresses_that_have_its_prefix) {
    EXPECT_TRUE(range_contains("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(range_contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(range_contains("192.0.2.128/25", "192.0.2.128"));
    EXPECT_FALSE(range_contains("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(range_contains("192.0.2.128/31", "192.0.2.129"));
    EXPECT_FALSE(range_contains("192.0.2.128/31", "192.0.2.130"));
    EXPECT_TRUE(range_contains("2001:db8::/33", "[2001:db8:7fff::1]"));
    EXPECT_FALSE(range_contains("2001:db8::/33", "[2001:db8:8000::1]"));
}

TEST(address_range, without_a_prefix_length_is_one_address) {
    EXPECT_TRUE(range_contains("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(range_contains("192.0.2.1", "192.0.2.0"));
    EXPECT_TRUE(range_contains("::1", "[::1]"));
    EXPECT_FALSE(range_contains("::1", "[::2]"));
}

TEST(address_range, of_length_0_contains_its_whole_family) {
    EXPECT_TRUE(range_contains("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(range_contains("0.0.0.0/0", "[::1]"));
    EXPECT_TRUE(range_contains("::/0", "[fe80::1]"));
    EXPECT_FALSE(range_contains("::/0", "10.0.0.1"));
}

TEST(address_range, takes_ipv4_mapped_addresses_for_ipv4) {
    EXPECT_TRUE(range_contains("10.0.0.0/8", "[::ffff:10.1.2.3]"));
    EXPECT_TRUE(range_contains("::ffff:10.0.0.0/104", "10.1.2.3"));
    EXPECT_TRUE(range_contains("::ffff:10.1.2.3", "10.1.2.3"));
    EXPECT_EQ(address_range::parse("::ffff:10.0.0.0/104"), address_range::parse("10.0.0.0/8"));
    EXPECT_FALSE(range_contains("::fffe:0:0/95", "10.1.2.3")) << "wider than the mapped addresses";
}

TEST(address_range, of_unix_sockets_contains_peers_on_them_alone) {
    const address_range local = address_range::parse("unix:");
    EXPECT_TRUE(local.contains(unnamed_unix_peer()));
    EXPECT_TRUE(local.contains(endpoint::parse("unix://@name")));
    EXPECT_FALSE(local.contains(host_at("127.0.0.1")));
    EXPECT_FALSE(local.contains({}));
    EXPECT_FALSE(address_range::parse("0.0.0.0/0").contains(unnamed_unix_peer()));
    EXPECT_FALSE(address_range::parse("0.0.0.0/0").contains({}));
}

TEST(address_range, is_written_as_it_is_read) {
    for (const char* const text : {"10.0.0.0/8", "192.0.2.1", "0.0.0.0/0", "2001:db8::/32", "::1", "::/0", "unix:"})
        EXPECT_EQ(address_range::parse(text).to_string(), text);
    EXPECT_EQ(address_range::parse("192.0.2.1/32").to_string(), "192.0.2.1");
}

TEST(address_range, refuses_what_is_none_with_advice) {
    const std::string none = " is no range of addresses; write an address or a CIDR, as 192.0.2.1, 10.0.0.0/8 or "
                             "2001:db8::/32, or unix: for all peers on Unix sockets";
    for (const std::string text : {"", "/8", "10.0.0/8", "10.0.0.0.0", "proxy.example", "[::1]", "fe80::1%eth0", "unix",
                                   "10.0.0.1:80", " 10.0.0.0/8"})
        EXPECT_EQ(range_refusal(text), "'" + text + "'" + none);
    EXPECT_EQ(range_refusal({"10.0.0.1\0/8", 11}), "'10.0.0.1\\x00/8'" + none);
}

TEST(address_range, refuses_a_prefix_length_that_is_none) {
    for (const std::string text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8",
                                   "10.0.0.0/99999999999", "10.0.0.0/255.0.0.0"})
        EXPECT_EQ(range_refusal(text), "'" + text + "' has no prefix length from 0 to 32 behind its slash");
    EXPECT_EQ(range_refusal("::/129"), "'::/129' has no prefix length from 0 to 128 behind its slash");
}

TEST(address_range, refuses_bits_behind_its_prefix) {
    EXPECT_EQ(range_refusal("10.0.0.1/8"),
              "'10.0.0.1/8' has bits behind its prefix; write 10.0.0.0/8, or 10.0.0.1 for one address");
    EXPECT_EQ(range_refusal("10.0.0.3/31"),
              "'10.0.0.3/31' has bits behind its prefix; write 10.0.0.2/31, or 10.0.0.3 for one address");
    EXPECT_EQ(range_refusal("2001:db8::1/32"),
              "'2001:db8::1/32' has bits behind its prefix; write 2001:db8::/32, or 2001:db8::1 for one address");
}

} // namespace fairlead::test
