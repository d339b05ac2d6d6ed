#include "server/udp_peers.hpp"

#include "net/resolve.hpp"

#include <fairlead/handlers/echo.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

udp_rules rules_with(udp_options how, limits bounds = {}) {
    return {echo(), std::move(how), std::make_shared<const limits>(bounds)};
}

endpoint peer_at(const std::string& host) {
    return resolve_literal(url::parse("udp://" + host + ":1")).value();
}

} // namespace

TEST(udp_peers, are_as_many_as_the_smaller_of_both_limits) {
    for (const auto& [places, sessions] : {std::pair{2, 0}, {0, 2}, {2, 3}, {3, 2}}) {
        limits bounds;
        bounds.max_sessions = static_cast<std::size_t>(sessions);
        udp_peers peers{rules_with({.max_peers = static_cast<std::size_t>(places)}, bounds)};
        EXPECT_FALSE(peers.full());
        EXPECT_TRUE(peers.enter(peer_at("10.0.0.1")));
        EXPECT_FALSE(peers.full());
        EXPECT_TRUE(peers.enter(peer_at("10.0.0.2")));
        EXPECT_TRUE(peers.full());
        peers.leave(peer_at("10.0.0.1"));
        EXPECT_FALSE(peers.full());
    }
    udp_peers without_limit{rules_with({.max_peers = 0})};
    EXPECT_TRUE(without_limit.enter(peer_at("10.0.0.1")));
    EXPECT_FALSE(without_limit.full());
}

TEST(udp_peers, are_limited_for_each_address_or_ipv6_network) {
    udp_peers peers{rules_with({.max_peers_per_address = 2})};
    for (const char* const address : {"10.0.0.1", "[2001:db8::1]"}) {
        EXPECT_TRUE(peers.enter(peer_at(address)));
        EXPECT_TRUE(peers.enter(peer_at(address)));
        EXPECT_FALSE(peers.enter(peer_at(address)));
        peers.leave(peer_at(address));
        EXPECT_TRUE(peers.enter(peer_at(address)));
    }
    EXPECT_FALSE(peers.enter(peer_at("[2001:db8::2]")));
    EXPECT_TRUE(peers.enter(peer_at("[2001:db8:0:1::1]")));
}

TEST(udp_peers, have_a_limit_of_sessions_that_go_on_without_a_place) {
    udp_peers peers{rules_with({.max_peers = 1})};
    std::vector<admission::permit> going_on;
    for (;;) {
        auto next = peers.begin_session(peer_at("10.0.0.1"));
        if (!next)
            break;
        going_on.push_back(std::move(*next));
        ASSERT_LE(going_on.size(), 1 + udp_peers::least_spare);
    }
    EXPECT_EQ(going_on.size(), 1 + udp_peers::least_spare);
    going_on.pop_back();
    EXPECT_TRUE(peers.begin_session(peer_at("10.0.0.1")));
}

} // namespace fairlead::test
