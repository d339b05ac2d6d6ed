#include "support/websocket_fixture.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/handlers/echo.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

using websocket_session = websocket_fixture;
using namespace std::literals;

boost::asio::awaitable<void> serve_and_close(std::shared_ptr<session> peer, handler serve) {
    co_await serve.serve(*peer);
    co_await peer->close_gracefully();
}

boost::asio::awaitable<void> shut_down_then_note(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    EXPECT_TRUE(peer->send("last"));
    const auto done = co_await peer->shutdown();
    EXPECT_TRUE(done);
    co_await note_messages(peer, seen);
    co_await peer->close_gracefully();
}

constexpr websocket_rules text_only{.messages = websocket_messages::text};

} // namespace

TEST_F(websocket_session, echoes_messages_and_the_close_however_they_are_cut) {
    const std::string bytes = masked_frame(frame_kind::text, "one") + masked_frame(frame_kind::ping, "?") +
                              masked_frame(frame_kind::text, "tw", false) +
                              masked_frame(frame_kind::continuation, "o") + masked_close(1000);
    const frames expected{"text one", "pong ?", "text two", "close 1000"};
    for (const bool by_coroutine : {true, false}) {
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            auto peer = make_websocket(text_only);
            start(home, by_coroutine ? echo_messages(peer) : serve_and_close(peer, handler{echo()}));
            frames got = exchange(bytes.substr(0, cut));
            for (const std::string& each : exchange(bytes.substr(cut)))
                got.push_back(each);
            EXPECT_EQ(got, expected) << "cut at " << cut;
            EXPECT_TRUE(far.closed());
            EXPECT_EQ(peer->close_reason().code, errc::closed);
            EXPECT_EQ(peer->close_reason().by, closed_by::peer);
        }
    }
}

TEST_F(websocket_session, answers_pings_while_its_handler_sends_nothing) {
    auto peer = make_websocket();
    start(home, note_messages(peer, seen));
    EXPECT_EQ(exchange(masked_frame(frame_kind::ping, "1")), frames{"pong 1"});
    EXPECT_EQ(exchange(masked_frame(frame_kind::ping, "2")), frames{"pong 2"});
    EXPECT_EQ(seen, frames{});
    EXPECT_EQ(peer->counts().messages_out, 0u) << "a pong is no message";
}

TEST_F(websocket_session, tells_the_peer_what_was_wrong_with_its_frames) {
    auto peer = make_websocket(text_only);
    start(home, echo_messages(peer));
    EXPECT_EQ(exchange(masked_frame(frame_kind::text, "good") + masked_frame(frame_kind::binary, "bad")),
              (frames{"text good", "close 1003"}));
    EXPECT_TRUE(far.ended());
    EXPECT_EQ(peer->close_reason().code, errc::malformed);
    EXPECT_EQ(peer->close_reason().by, closed_by::peer);
    EXPECT_NE(peer->close_reason().detail.find("only text is accepted"), std::string::npos);
    far.end();
    run_ready(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(websocket_session, takes_half_a_message_for_one_that_is_not_complete_in_time) {
    auto peer = make_websocket({}, {.message_timeout = 1s});
    start(home, echo_messages(peer));
    exchange(masked_frame(frame_kind::text, "be", false));
    EXPECT_TRUE(peer->inside_message());
    pass(3s);
    EXPECT_EQ(peer->close_reason().code, errc::message_timeout);
    EXPECT_EQ(exchange(), frames{"close 1001"});
}

TEST_F(websocket_session, closes_with_1001_when_its_server_stops) {
    auto peer = make_websocket();
    start(home, echo_messages(peer));
    run_ready(home);
    peer->drain();
    EXPECT_EQ(exchange(), frames{"close 1001"});
    EXPECT_FALSE(far.closed()) << "the peer may still send what is under way";
    EXPECT_EQ(exchange(masked_frame(frame_kind::binary, "late") + masked_close(1001)), frames{});
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(peer->close_reason().by, closed_by::stop);
}

TEST_F(websocket_session, closes_a_peer_that_never_answers_its_close_after_the_linger_time) {
    auto peer = make_websocket({}, {.linger_timeout = 1s});
    start(home, finish_session(peer));
    EXPECT_EQ(exchange(), frames{"close 1000"});
    EXPECT_FALSE(far.closed());
    pass(3s);
    EXPECT_TRUE(far.closed());
}

TEST_F(websocket_session, of_a_client_receives_after_its_shutdown_until_the_server_closes) {
    auto peer = make_websocket({.role = websocket_role::client});
    start(home, shut_down_then_note(peer, seen));
    EXPECT_EQ(exchange(), (frames{"binary last", "close 1000"}));
    EXPECT_EQ(exchange(make_frame(frame_kind::text, "reply", nullptr)), frames{});
    EXPECT_FALSE(far.ended());
    exchange(make_frame(frame_kind::close, code_bytes(1000), nullptr));
    EXPECT_EQ(seen, (frames{"reply", end(errc::closed)}));
    EXPECT_TRUE(far.closed());
}

TEST_F(websocket_session, has_the_words_of_the_peers_close) {
    auto peer = make_websocket();
    start(home, echo_messages(peer));
    EXPECT_EQ(exchange(masked_close(4001, "logged\tout")), frames{"close 4001"});
    EXPECT_EQ(peer->close_reason().code, errc::closed);
    EXPECT_EQ(peer->close_reason().message(), "the peer closed the WebSocket with 4001: logged\\tout");

    auto failed = make_websocket();
    start(home, echo_messages(failed));
    EXPECT_EQ(exchange(masked_close(1011, "out of memory")), frames{"close 1011"});
    EXPECT_EQ(failed->close_reason().code, websocket_close::internal_error);
    EXPECT_EQ(failed->close_reason().by, closed_by::peer);
    EXPECT_NE(failed->close_reason().message().find("(internal_error): out of memory"), std::string::npos);
}

TEST_F(websocket_session, ends_as_its_peer_does_when_that_leaves_without_a_close) {
    auto peer = make_websocket();
    start(home, echo_messages(peer));
    exchange(masked_frame(frame_kind::text, "x"));
    far.end();
    run_ready(home);
    EXPECT_EQ(peer->close_reason().code, errc::closed);
    EXPECT_EQ(peer->close_reason().by, closed_by::peer);
    EXPECT_EQ(peer->close_reason().message(), "the peer ended the connection without a WebSocket Close");
    EXPECT_TRUE(far.closed());
}

TEST_F(websocket_session, does_not_grow_for_a_peer_that_floods_it_and_never_reads) {
    auto peer = make_websocket();
    start(home, note_messages(peer, seen));
    far.read_at_most(0);
    for (int i = 0; i < 500; ++i) {
        std::string flood;
        for (int j = 0; j < 100; ++j)
            flood += masked_frame(frame_kind::ping, std::string(100, 'p'));
        far.send(flood);
        run_ready(home);
        ASSERT_LT(peer->queued(), 10'000u);
    }
    far.read_everything();
    run_ready(home);
    EXPECT_LT(frames_in(far.take()).size(), 100u);
    EXPECT_EQ(exchange(masked_frame(frame_kind::ping, "new")), frames{"pong new"});
}

TEST_F(websocket_session, is_parked_without_memory) {
    auto peer = make_websocket();
    start(home, echo_messages(peer));
    exchange(masked_frame(frame_kind::text, std::string(5000, 'x')));
    EXPECT_EQ(core_of(home).blocks().leased(), 0u);
}

TEST_F(websocket_session, in_a_pool_stays_quiet_for_pings_and_pongs_and_for_nothing_else) {
    auto peer = make_websocket();
    far.send(masked_frame(frame_kind::ping, "?") + masked_frame(frame_kind::pong, "!"));
    run_ready(home);
    EXPECT_TRUE(peer->stays_quiet());
    EXPECT_EQ(exchange(), frames{"pong ?"});
    EXPECT_TRUE(peer->stays_quiet());
    for (const std::string& bytes :
         {masked_frame(frame_kind::text, "news"), masked_frame(frame_kind::text, "ne", false), masked_close(1000),
          std::string{"\xFF\xFF"}}) {
        auto other = make_websocket();
        far.send(bytes);
        run_ready(home);
        EXPECT_FALSE(other->stays_quiet()) << escape(bytes);
    }
}

TEST_F(websocket_session, in_a_pool_does_not_stay_quiet_that_ends_behind_a_ping) {
    auto peer = make_websocket();
    far.send(masked_frame(frame_kind::ping, "?"));
    far.end();
    run_ready(home);
    EXPECT_FALSE(peer->stays_quiet());
}

} // namespace fairlead::test
