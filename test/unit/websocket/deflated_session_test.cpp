#include "support/compressed_frames.hpp"
#include "support/websocket_fixture.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/topics.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

struct rooms_of_test {
    topics rooms; // it outlives the shard
};

class deflated_session : protected rooms_of_test, public websocket_fixture {
protected:
    std::vector<std::string> seen;
};

constexpr websocket_rules compressing{.deflate_window = max_deflate_window};
const std::string large(1000, 'x');

boost::asio::awaitable<void> echo_one_part(std::shared_ptr<session> peer) {
    const auto part = co_await peer->receive_part();
    EXPECT_TRUE(part && part->last());
    const std::string copy = part ? to_string(part->bytes) : "";
    EXPECT_TRUE(co_await peer->begin_message(std::nullopt));
    EXPECT_TRUE(co_await peer->send_part(copy));
    EXPECT_TRUE(peer->end_message());
}

std::string compressed(std::string_view message) {
    return compressed_frame(frame_kind::binary, deflated(message));
}

} // namespace

TEST_F(deflated_session, is_asked_for_by_the_text_of_the_messages) {
    for (const char* text : {"websocket:deflate", "websocket:text:deflate"})
        EXPECT_EQ(parse_framing(text).to_string(), text);
    EXPECT_TRUE(parse_framing("websocket:binary:deflate").target<websocket>()->deflate());
}

TEST_F(deflated_session, gives_the_handler_messages_as_the_peer_had_them_and_compresses_larger_replies) {
    auto peer = make_websocket(compressing);
    start(home, echo_messages(peer));
    const std::string small = "odd binary " + deflated(large);
    EXPECT_EQ(exchange(compressed("short") + compressed(large)), (frames{"binary short", small}));
    EXPECT_EQ(exchange(masked_frame(frame_kind::binary, "short") + masked_frame(frame_kind::binary, large)),
              (frames{"binary short", small}))
        << "a peer need not compress";
    EXPECT_EQ(peer->counts().messages_in, 4u);
}

TEST_F(deflated_session, sends_what_does_not_become_smaller_as_it_is) {
    auto peer = make_websocket(compressing);
    std::string noise;
    for (unsigned i = 0, value = 1; i < 500; ++i, value = value * 1664525 + 1013904223)
        noise.push_back(static_cast<char>(value >> 24));
    EXPECT_TRUE(peer->send(noise));
    EXPECT_EQ(exchange(), frames{"binary " + noise});
}

TEST_F(deflated_session, of_a_client_masks_what_it_compresses) {
    auto peer = make_websocket({.role = websocket_role::client, .deflate_window = max_deflate_window});
    EXPECT_TRUE(peer->send(large));
    EXPECT_EQ(exchange(), frames{"odd binary " + deflated(large)});
}

TEST_F(deflated_session, receives_a_compressed_message_as_one_part_and_sends_parts_as_they_are) {
    auto peer = make_websocket(compressing);
    start(home, echo_one_part(peer));
    EXPECT_EQ(exchange(compressed(large)), (frames{"odd binary " + large, "continuation"}));
}

TEST_F(deflated_session, tells_the_peer_that_a_message_cannot_be_inflated_or_is_too_large) {
    for (const auto& [frame, close] : {std::pair{compressed_frame(frame_kind::binary, "\xFF\xFF"), "close 1002"},
                                       std::pair{compressed(large + "x"), "close 1009"}}) {
        auto peer = make_websocket({.max_message = 1000, .deflate_window = max_deflate_window});
        start(home, note_messages(peer, seen));
        EXPECT_EQ(exchange(frame), frames{close});
        EXPECT_EQ(peer->counts().messages_in, 0u);
    }
}

TEST_F(deflated_session, keeps_no_memory_for_compression_while_it_is_idle) {
    auto peer = make_websocket(compressing);
    start(home, echo_messages(peer));
    exchange(masked_frame(frame_kind::binary, "short"));
    const std::size_t before = core_of(home).blocks().leased();
    exchange(compressed(large));
    EXPECT_EQ(core_of(home).blocks().leased(), before);
}

TEST_F(deflated_session, shares_the_compressed_message_of_a_topic) {
    const std::string plain = make_websocket()->encoding();
    auto one = make_websocket(compressing);
    auto far_of_one = far;
    auto other = make_websocket(compressing);
    ASSERT_TRUE(rooms.subscribe(*one, "tide"));
    ASSERT_TRUE(rooms.subscribe(*other, "tide"));
    EXPECT_EQ(one->encoding(), other->encoding());
    EXPECT_NE(one->encoding(), "");
    EXPECT_NE(one->encoding(), plain);
    EXPECT_TRUE(rooms.publish("tide", large));
    EXPECT_EQ(exchange(), frames{"odd binary " + deflated(large)});
    EXPECT_EQ(frames_in(far_of_one.take()), frames{"odd binary " + deflated(large)});
}

} // namespace fairlead::test
