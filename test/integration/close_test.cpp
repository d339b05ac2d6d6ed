#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <system_error>

namespace fairlead::test {

namespace {

TEST(closing, a_peer_that_ends_its_side_still_gets_all_replies_and_then_the_end) {
    std::string requests;
    for (int i = 0; i < 20'000; ++i)
        requests += frame("request " + std::to_string(i));

    running_server server{length_prefixed{}, echo()};
    EXPECT_EQ(ask(server.where(), requests), requests);
}

// A plain close() with bytes unread resets the connection, and the reset overtakes the reply.
TEST(closing, a_reply_before_close_arrives_though_the_peer_goes_on_sending) {
    const auto refuse = [](bytes_view, peer& from) {
        from.send("goodbye");
        from.close();
    };
    server_options options = test_options();
    options.limits.linger_timeout = options.limits.drain_timeout = std::chrono::minutes{1}; // however slow the peer is
    running_server server{length_prefixed{}, refuse, options};
    client peer{server.where()};
    peer.write(frame("hello") + std::string(4'000'000, 'u'));
    EXPECT_EQ(peer.read_to_end(), frame("goodbye"));
}

TEST(closing, messages_behind_the_one_that_closed_are_not_handled) {
    std::atomic<int> handled = 0;
    const auto close_at_once = [&handled](bytes_view, peer& from) {
        ++handled;
        from.close();
    };
    running_server server{length_prefixed{}, close_at_once};
    EXPECT_EQ(ask(server.where(), frame("1") + frame("2") + frame("3")), "");
    EXPECT_EQ(handled, 1);
}

TEST(closing, a_peer_that_has_ended_its_side_is_told_of_the_end_of_the_other_before_the_session_ends) {
    std::atomic<bool> is_told = false;
    const auto shut_down = [&is_told](session& visitor) -> boost::asio::awaitable<void> {
        const auto end = co_await visitor.receive();
        EXPECT_FALSE(end);
        co_await visitor.shutdown();
        constexpr std::chrono::milliseconds a_while{1};
        for (int i = 0; i < 5'000 && !is_told; ++i) // the test fails rather than hangs
            co_await visitor.shard().sleep_for(a_while);
    };
    running_server server{length_prefixed{}, shut_down};
    EXPECT_EQ(ask(server.where(), ""), "");
    EXPECT_EQ(server.server().statistics().active, 1u);
    is_told = true;
}

boost::asio::awaitable<void> greet_and_leave(session& visitor) {
    visitor.send("hello and goodbye");
    co_return;
}

TEST(closing, a_conversation_that_returns_ends_its_connection_after_its_last_reply) {
    running_server server{length_prefixed{}, greet_and_leave};
    client peer{server.where()};
    EXPECT_EQ(peer.read_to_end(), frame("hello and goodbye"));
}

boost::asio::awaitable<void> leave_as_told(session& visitor) {
    const auto how = co_await visitor.receive();
    const bool by_reset = how && *how == "reset";
    visitor.send("a part");
    co_await visitor.flush();
    if (by_reset)
        visitor.reset(errc::malformed);
    else
        visitor.abort(errc::malformed);
    EXPECT_EQ(visitor.close_reason().code, errc::malformed);
    EXPECT_TRUE(visitor.stopping());
}

TEST(closing, a_reset_is_an_error_for_the_peer_where_an_abort_looks_like_an_end) {
    running_server server{length_prefixed{}, leave_as_told};
    client first{server.where()};
    first.write(frame("abort"));
    EXPECT_EQ(first.read_to_end(), frame("a part"));

    client second{server.where()};
    second.write(frame("reset"));
    try {
        ADD_FAILURE() << "the end of the stream after " << second.read_to_end();
    } catch (const std::system_error& failed) {
        EXPECT_EQ(failed.code(), std::errc::connection_reset);
    }
}

TEST(closing, a_message_cut_short_by_the_end_is_not_handled) {
    running_server server{length_prefixed{}, echo()};
    EXPECT_EQ(ask(server.where(), frame("whole") + frame("cut").substr(0, 6)), frame("whole"));
    EXPECT_EQ(server.statistics_after(1).closed.truncated, 1u);
}

TEST(closing, sessions_are_counted_until_they_are_gone) {
    running_server server{raw{}, echo()};
    {
        client peer{server.where()};
        peer.write("x");
        EXPECT_EQ(peer.read(1), "x");
        EXPECT_EQ(server.server().statistics().active, 1u);
    }
    server.stop();
    EXPECT_EQ(server.server().statistics().accepted, 1u);
    EXPECT_EQ(server.server().statistics().closed.total(), 1u);
    EXPECT_EQ(server.server().statistics().active, 0u);
}

} // namespace

} // namespace fairlead::test
