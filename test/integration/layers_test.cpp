#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/layer_counts.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/rate_limited.hpp>

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

using namespace std::literals;

TEST(layers_of_a_server, slow_down_a_connection_and_end_their_waits_in_a_stop) {
    layer_counts counts{"rate_limited"};
    running_server server{line{}, rate_limited({.messages = 2, .per = 1h}, echo(), {&counts.in, "test"})};
    client peer{server.where()};
    peer.write("1\n2\n3\n4\n");
    EXPECT_EQ(peer.read(4), "1\n2\n");
    server.statistics_when([&counts](const statistics&) { return counts.waits() == 1; });
    server.server().stop();
    EXPECT_EQ(peer.read_to_end(), "");
    peer.end_writing();
    EXPECT_EQ(server.wait(), 0);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    EXPECT_EQ(server.server().statistics().closed.by_stop, 1u);
}

TEST(layers_of_a_server, drop_single_datagrams) {
    layer_counts counts{"rate_limited"};
    running_server server{udp_options{}, rate_limited({.messages = 2, .per = 1h}, echo(), {&counts.in, "test"})};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("1"), "1");
    EXPECT_EQ(peer.ask("2"), "2");
    peer.send("3");
    const auto found = server.statistics_when([&counts](const statistics&) { return counts.messages("dropped") == 1; });
    EXPECT_EQ(counts.messages("dropped"), 1u);
    EXPECT_EQ(found.accepted, 0u) << "there is no session";
    EXPECT_EQ(server.stop(), 0);
}

} // namespace

} // namespace fairlead::test
