#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/layer_counts.hpp"
#ifdef FAIRLEAD_ZSTD
#include "support/zstd_frames.hpp"
#endif

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/rate_limited.hpp>
#include <fairlead/layers/zstd_compressed.hpp>

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

#ifdef FAIRLEAD_ZSTD
TEST(layers_of_a_server, end_sessions_whose_messages_do_not_inflate) {
    running_server server{length_prefixed{}, zstd_compressed(echo(), {.max_message = 1'000})};
    EXPECT_EQ(ask(server.where(), "\0\0\0\5hello"s), "");
    EXPECT_EQ(server.statistics_after(1).closed.malformed, 1u);
    const std::string bomb = zstd_bomb{.size = 1u << 20}.frame();
    ASSERT_LT(bomb.size(), 256u);
    EXPECT_EQ(ask(server.where(), "\0\0\0"s + static_cast<char>(bomb.size()) + bomb), "");
    const statistics counted = server.statistics_after(2);
    EXPECT_EQ(counted.closed.message_too_large, 1u);
    EXPECT_EQ(counted.closed.malformed, 1u);
    EXPECT_EQ(counted.closed.handler_failed, 0u);
    EXPECT_EQ(server.stop(), 0);
}

TEST(layers_of_a_server, inflate_single_datagrams) {
    running_server server{udp_options{}, zstd_compressed(echo())};
    datagram_client peer{server.where()};
    peer.send("hello");
    const std::string hello = foreign_zstd{.checksum = true}.frame("hello");
    EXPECT_EQ(peer.ask(hello), hello);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(server.server().statistics().datagrams.dropped_malformed, 1u);
}
#endif

} // namespace

} // namespace fairlead::test
