#include "support/websocket_fixture.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

using websocket_parts = websocket_fixture;
using namespace std::literals;
using enum frame_kind;

std::string describe_part(const message_part& part) {
    return to_string(part.bytes) + (part.left ? "+" + std::to_string(*part.left) : "+?");
}

/// Notes each part with what is left behind it, then how the session ended.
boost::asio::awaitable<void> note_parts(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    while (const auto part = co_await peer->receive_part())
        seen.push_back(describe_part(*part));
    seen.push_back("end: " + peer->close_reason().code.message());
}

boost::asio::awaitable<void> send_parts(std::shared_ptr<session> peer, std::optional<std::uint64_t> size,
                                        std::vector<std::string> parts) {
    EXPECT_TRUE(co_await peer->begin_message(size));
    for (const std::string& each : parts) {
        EXPECT_TRUE(co_await peer->send_part(each));
        EXPECT_TRUE(peer->send("other"));
    }
    EXPECT_TRUE(peer->end_message());
}

boost::asio::awaitable<void> begin_and_return(std::shared_ptr<session> peer) {
    EXPECT_TRUE(co_await peer->begin_message(std::nullopt));
    EXPECT_TRUE(co_await peer->send_part("half"));
    co_await peer->close_gracefully();
}

boost::asio::awaitable<void> give_up_then_note_parts(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    const auto none = co_await peer->receive(0ms);
    seen.push_back(none ? "message" : none.error().message());
    co_await note_parts(peer, seen);
}

boost::asio::awaitable<void> send_wrong_text(std::shared_ptr<session> peer) {
    EXPECT_TRUE(co_await peer->begin_message(std::nullopt));
    EXPECT_TRUE(co_await peer->send_part("a\xC3"));
    EXPECT_EQ(peer->end_message().error(), errc::malformed);
    const auto wrong = co_await peer->send_part("b");
    EXPECT_EQ(wrong.error(), errc::malformed);
    EXPECT_TRUE(co_await peer->send_part("\xA9"));
    EXPECT_TRUE(peer->end_message());
}

} // namespace

TEST_F(websocket_parts, are_what_has_arrived_of_a_message) {
    auto peer = make_websocket({.max_message = 4, .max_in_parts = 100});
    start(home, note_parts(peer, seen));
    const std::string frame = masked_frame(binary, "abcdef");
    exchange(frame.substr(0, 6 + 2));
    EXPECT_EQ(seen, frames{"ab+4"});
    exchange(frame.substr(6 + 2));
    EXPECT_EQ(exchange(masked_frame(binary, "12", false) + masked_frame(ping, "?")), frames{"pong ?"});
    exchange(masked_frame(continuation, "3") + masked_frame(binary, ""));
    EXPECT_EQ(seen, (frames{"ab+4", "cdef+0", "12+?", "3+0", "+0"}));
    exchange(masked_close(1000));
    EXPECT_EQ(seen.back(), "end: " + make_error_code(errc::closed).message());
    EXPECT_EQ(peer->counts().messages_in, 3u);
}

TEST_F(websocket_parts, are_cut_by_a_close_inside_of_a_message) {
    auto peer = make_websocket();
    start(home, note_parts(peer, seen));
    exchange(masked_frame(binary, "12", false) + masked_close(1000));
    EXPECT_EQ(seen, (frames{"12+?", "end: " + make_error_code(errc::truncated).message()}));
    EXPECT_EQ(peer->close_reason().detail, "inside a message, the peer closed the WebSocket with 1000 (normal)");
}

TEST_F(websocket_parts, above_their_limit_are_refused_by_a_close) {
    auto peer = make_websocket({.max_message = 2, .max_in_parts = 4});
    start(home, note_parts(peer, seen));
    EXPECT_EQ(exchange(masked_frame(binary, "abc", false) + masked_frame(continuation, "de")), frames{"close 1009"});
    EXPECT_EQ(seen, (frames{"abc+?", "end: " + make_error_code(errc::message_too_large).message()}));
}

TEST_F(websocket_parts, begin_with_what_a_receive_has_gathered_that_gave_up) {
    auto peer = make_websocket();
    far.send(masked_frame(binary, "12", false) + masked_frame(continuation, "34").substr(0, 7));
    start(home, give_up_then_note_parts(peer, seen));
    run_ready(home);
    exchange(masked_frame(continuation, "34").substr(7));
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.front(), make_error_code(errc::timed_out).message());
    std::string joined;
    for (std::size_t i = 1; i < seen.size(); ++i)
        joined += seen[i].substr(0, seen[i].find('+'));
    EXPECT_EQ(joined, "1234");
    EXPECT_TRUE(seen.back().ends_with("+0")) << seen.back();
}

TEST_F(websocket_parts, count_for_their_limit_with_what_a_receive_has_gathered_before) {
    auto peer = make_websocket({.max_message = 4, .max_in_parts = 5});
    far.send(masked_frame(binary, "abc", false));
    start(home, give_up_then_note_parts(peer, seen));
    run_ready(home);
    EXPECT_EQ(exchange(masked_frame(continuation, "de", false) + masked_frame(continuation, "f")),
              frames{"close 1009"});
    EXPECT_EQ(seen, (frames{make_error_code(errc::timed_out).message(), "abc+?", "de+?",
                            "end: " + make_error_code(errc::message_too_large).message()}));
}

TEST_F(websocket_parts, are_sent_as_fragments_behind_which_other_messages_wait) {
    for (const websocket_role role : {websocket_role::server, websocket_role::client}) {
        auto known = make_websocket({.role = role});
        start(home, send_parts(known, 5, {"ab", "cde"}));
        EXPECT_EQ(exchange(), (frames{"odd binary ab", "continuation cde", "binary other", "binary other"}));
        auto unknown = make_websocket({.role = role});
        start(home, send_parts(unknown, std::nullopt, {"ab"}));
        EXPECT_EQ(exchange(), (frames{"odd binary ab", "continuation", "binary other"}));
        EXPECT_EQ(unknown->counts().messages_out, 2u);
    }
}

TEST_F(websocket_parts, let_pongs_through_between_them) {
    auto peer = make_websocket();
    start(home, [](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(6));
        EXPECT_TRUE(co_await to->send_part("abc"));
        const auto next = co_await to->receive();
        EXPECT_TRUE(next);
        EXPECT_TRUE(co_await to->send_part("def"));
        EXPECT_TRUE(to->end_message());
    }(peer));
    EXPECT_EQ(exchange(masked_frame(ping, "?")), (frames{"odd binary abc", "pong ?"}));
    EXPECT_EQ(exchange(masked_frame(binary, "go on")), frames{"continuation def"});
}

TEST_F(websocket_parts, of_text_are_checked_as_one_text) {
    auto peer = make_websocket({.messages = websocket_messages::text});
    start(home, send_wrong_text(peer));
    EXPECT_EQ(exchange(), (frames{"odd text a\xC3", "odd continuation \xA9", "continuation"}));
}

TEST_F(websocket_parts, whose_handler_returns_inside_of_them_end_with_an_error) {
    auto peer = make_websocket();
    start(home, begin_and_return(peer));
    EXPECT_EQ(exchange(), (frames{"odd binary half", "close 1011"}));
}

TEST_F(websocket_parts, whose_last_part_was_sent_are_a_whole_message) {
    auto peer = make_websocket();
    start(home, [](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(3));
        EXPECT_TRUE(co_await to->send_part("all"));
        co_await to->close_gracefully();
    }(peer));
    EXPECT_EQ(exchange(), (frames{"binary all", "close 1000"}));
}

TEST_F(websocket_parts, cannot_begin_behind_a_close) {
    auto peer = make_websocket();
    start(home, [](std::shared_ptr<session> to, std::vector<std::string>& results) -> boost::asio::awaitable<void> {
        const auto wrong = co_await to->receive();
        results.push_back(wrong.error().message());
        const auto begun = co_await to->begin_message(std::nullopt);
        results.push_back(begun ? "begun" : begun.error().message());
    }(peer, seen));
    EXPECT_EQ(exchange(raw_frame(2, "x", {.by = websocket_role::server})), frames{"close 1002"});
    EXPECT_EQ(seen, (frames{make_error_code(errc::malformed).message(), make_error_code(errc::closed).message()}));
}

TEST_F(websocket_parts, above_their_limit_are_not_sent) {
    auto peer = make_websocket({.max_message = 2, .max_in_parts = 4});
    start(home, [](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        const auto refused = co_await to->begin_message(5);
        EXPECT_EQ(refused.error(), errc::message_too_large);
        EXPECT_TRUE(co_await to->begin_message(4));
        EXPECT_TRUE(co_await to->send_part("abcd"));
        EXPECT_TRUE(to->end_message());
    }(peer));
    EXPECT_EQ(exchange(), frames{"binary abcd"});
}

} // namespace fairlead::test
