#include "server/listen_overlap.hpp"

#include "net/resolve.hpp"
#include "support/system_code.hpp"

#include <cerrno>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

std::vector<endpoint> addresses_of(const std::vector<std::string>& urls) {
    std::vector<endpoint> addresses;
    for (const std::string& each : urls)
        addresses.push_back(resolve_literal(url::parse(each)).value());
    return addresses;
}

ipv6_reach reach(const std::vector<std::string>& asked, const std::vector<std::string>& held = {}) {
    return choose_reach(addresses_of(asked), addresses_of(held));
}

std::string explained(int why, const std::vector<std::string>& asked, const std::vector<std::string>& held = {}) {
    return explain_listen_failure(system_code(why), addresses_of(asked), addresses_of(held));
}

} // namespace

TEST(listen_overlap, leaves_ipv4_alone_where_it_is_asked_for_by_itself) {
    EXPECT_EQ(reach({"tcp://[::]:1"}), ipv6_reach::with_ipv4);
    EXPECT_EQ(reach({"tcp://0.0.0.0:1", "tcp://[::]:1"}), ipv6_reach::alone);
    EXPECT_EQ(reach({"tcp://[::]:0", "tcp://127.0.0.1:0"}), ipv6_reach::alone);
    EXPECT_EQ(reach({"tcp://[::]:1"}, {"tcp://0.0.0.0:1"}), ipv6_reach::alone);
    EXPECT_EQ(reach({"tcp://[::]:1"}, {"tcp://0.0.0.0:2"}), ipv6_reach::with_ipv4);
    EXPECT_EQ(reach({"udp://[::]:1"}, {"tcp://0.0.0.0:1"}), ipv6_reach::with_ipv4);
    EXPECT_EQ(reach({"tcp://[::]:0"}, {"tcp://0.0.0.0:1"}), ipv6_reach::with_ipv4);
    EXPECT_EQ(reach({"tcp://[::]:1"}, {"tcp://127.0.0.1:1"}), ipv6_reach::with_ipv4) << "10.0.0.1 would be lost";
}

TEST(listen_overlap, tells_which_address_of_our_own_stands_in_the_way) {
    EXPECT_EQ(explained(EADDRINUSE, {"tcp://127.0.0.1:1"}, {"tcp://127.0.0.1:1"}),
              "this server listens at tcp://127.0.0.1:1 already");
    EXPECT_EQ(explained(EADDRINUSE, {"unix:///run/echo.sock"}, {"unix://@echo", "unix:///run/echo.sock"}),
              "this server listens at unix:///run/echo.sock already");
    EXPECT_EQ(explained(EADDRINUSE, {"tcp://0.0.0.0:1"}, {"tcp://[::]:1"}),
              "this server listens at tcp://[::]:1 already, which takes IPv4 as well; leave one out, or listen at "
              "0.0.0.0 before [::]");
    EXPECT_EQ(explained(EADDRINUSE, {"udp://[::1]:1", "udp://127.0.0.1:1"}, {"udp://127.0.0.2:1", "udp://0.0.0.0:1"}),
              "this server listens at udp://0.0.0.0:1 already, which takes in 127.0.0.1");
    EXPECT_EQ(explained(EADDRINUSE, {"tcp://[::]:1"}, {"tcp://127.0.0.1:1"}),
              "this server listens at tcp://127.0.0.1:1 already, which is a part of tcp://[::]:1");
}

TEST(listen_overlap, tells_that_another_program_stands_in_the_way) {
    const std::string another = "another program uses this port; stop it, or choose another port";
    EXPECT_EQ(explained(EADDRINUSE, {"tcp://127.0.0.1:1"}, {"tcp://127.0.0.1:2", "udp://127.0.0.1:1"}), another);
    EXPECT_EQ(explained(EADDRINUSE, {"udp://[::1]:1"}), another);
    EXPECT_EQ(explained(EADDRINUSE, {"tcp://127.0.0.1:0"}), "") << "no port is free";
}

TEST(listen_overlap, tells_what_is_wrong_with_an_address) {
    EXPECT_EQ(explained(EINVAL, {"udp://[ff02::1]:1"}),
              "a link-local address needs its interface, as in [fe80::1%25eth0]");
    EXPECT_EQ(explained(EINVAL, {"tcp://[fe80::1]:1"}),
              "a link-local address needs its interface, as in [fe80::1%25eth0]");
    EXPECT_EQ(explained(EINVAL, {"tcp://[fe80::1%25lo]:1", "tcp://[2001:db8::1]:1"}), "");
    EXPECT_NE(explained(ENODEV, {}), "");
    EXPECT_EQ(explained(EADDRNOTAVAIL, {"tcp://192.0.2.1:0"}),
              "this machine does not have that address; `ip address` lists those that it has");
    EXPECT_EQ(explained(EACCES, {"tcp://127.0.0.1:1"}, {"tcp://127.0.0.1:1"}),
              "ports below 1024 need the right CAP_NET_BIND_SERVICE; choose a higher port, or grant that right");
    EXPECT_EQ(explained(EACCES, {"tcp://127.0.0.1:0"}), "");
    EXPECT_EQ(explained(EACCES, {"tcp://127.0.0.1:1024"}), "");
}

} // namespace fairlead::test
