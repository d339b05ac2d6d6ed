#include "decode/address_filter.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

bool fits(const char* filter, const char* tried) {
    return address_filter::parse(filter).fits(endpoint::parse(tried));
}

} // namespace

TEST(address_filter, fits_an_address_a_port_or_both) {
    for (const char* each : {"10.0.0.1", "10.0.0.1:9000", ":9000", "10.0.0.0/8", "10.0.0.0/8:9000", ""})
        EXPECT_TRUE(fits(each, "tcp://10.0.0.1:9000")) << each;
    for (const char* each : {"10.0.0.2", "10.0.0.1:9001", ":9001", "11.0.0.0/8", "::1"})
        EXPECT_FALSE(fits(each, "tcp://10.0.0.1:9000")) << each;
    for (const char* each : {"2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:9000", ":9000", "2001:db8::/32"})
        EXPECT_TRUE(fits(each, "udp://[2001:db8::1]:9000")) << each;
    EXPECT_FALSE(fits("[2001:db8::1]:9001", "udp://[2001:db8::1]:9000"));
}

TEST(address_filter, refuses_what_is_none_with_the_right_form) {
    for (const char* each : {"host", "10.0.0.1:", "10.0.0.1:99999", "10.0.0.1:x", "[::1", "10.0.0:9000", ":0"}) {
        try {
            address_filter::parse(each);
            ADD_FAILURE() << each;
        } catch (const std::invalid_argument& wrong) {
            EXPECT_TRUE(std::string{wrong.what()}.find("is not ADDRESS[:PORT]") != std::string::npos) << wrong.what();
        }
    }
}

TEST(address_filter, shows_addresses_with_their_ports) {
    EXPECT_EQ(address_text(endpoint::parse("tcp://10.0.0.1:9000")), "10.0.0.1:9000");
    EXPECT_EQ(address_text(endpoint::parse("udp://[::1]:9000")), "[::1]:9000");
}

} // namespace fairlead::command
