#include "admin/host_check.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(host_check, lets_addresses_localhost_and_own_names_in) {
    for (const char* each : {"127.0.0.1", "127.0.0.1:9901", "[::1]", "[::1]:9901", "localhost", "LocalHost:9901",
                             "ops.example:80", "OPS.example"})
        EXPECT_TRUE(is_own_host(each, {"ops.example"})) << each;
}

TEST(host_check, keeps_names_out_that_others_may_have_led_here) {
    for (const char* each : {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "[evil]",
                             "[::1", "ops.example.evil"})
        EXPECT_FALSE(is_own_host(each, {"ops.example"})) << each;
}

} // namespace fairlead::test
