#include <fairlead/layers/zstd_compressed.hpp>

#include "layers/zstd_frame.hpp"
#include "runtime/shard_core.hpp"
#include "support/layer_counts.hpp"
#include "support/recording_peer.hpp"
#include "support/zstd_frames.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/filtered.hpp>
#include <fairlead/malformed_message.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/topics.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::literals;

using messages = std::vector<std::string>;

std::string packed(bytes_view message) {
    return to_string(zstd_frame{message, 3}.bytes());
}

std::string unpacked(bytes_view frame) {
    byte_buffer message;
    if (const auto refused = inflate_zstd_frame(frame, std::size_t{1} << 30, message))
        return "refused: " + refused->words;
    return to_string(message.data());
}

// Sends one message, compressed, and returns the replies, inflated.
messages ask_packed(testkit::served& near, bytes_view message) {
    messages replies;
    for (const std::string& frame : near.replies(packed(message)))
        replies.push_back(unpacked(frame));
    return replies;
}

// Returns the bytes of one message of length_prefixed.
std::string with_length(bytes_view message) {
    byte_buffer framed;
    EXPECT_TRUE(framing{length_prefixed{}}.encode(message, framed));
    return to_string(framed.data());
}

boost::asio::awaitable<void> echo_and_say_why(session& peer) {
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) {
            const auto ended = co_await peer.ended();
            EXPECT_EQ(ended, message.error());
            peer.send("ended: " + std::string{to_string(static_cast<errc>(message.error().value()))});
            co_return;
        }
        peer.send(*message);
    }
}

boost::asio::awaitable<void> join_inflated(session& peer) {
    for (;;) {
        const auto first = co_await peer.receive();
        if (!first)
            co_return;
        std::string all = to_string(*first);
        while (const auto next = peer.try_receive())
            all += "+" + to_string(*next);
        peer.send(all);
    }
}

boost::asio::awaitable<void> say_when_late(session& peer) {
    const auto none = co_await peer.receive(1s);
    peer.send(none ? "early" : none.error().message());
    const auto message = co_await peer.receive(1s);
    peer.send(message ? to_string(*message) : "none");
}

/// What a handler receives until it is called no more.
handler note_in(messages& received) {
    return [&received](bytes_view message, peer&) { received.push_back(to_string(message)); };
}

} // namespace

TEST(zstd_compressed, inflates_what_is_received_and_compresses_what_is_sent) {
    for (const handler& inner : {handler{echo()}, handler{echo_and_say_why}}) {
        testkit::served near{length_prefixed{{.max_message = 2u << 20}}, zstd_compressed(inner)};
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1'000}, std::size_t{1} << 20}) {
            std::string message(size, 'a');
            for (std::size_t i = 0; i < size; i += 7)
                message[i] = static_cast<char>(i * i);
            EXPECT_TRUE(ask_packed(near, message) == messages{message}) << size;
        }
        near.end();
        EXPECT_TRUE(near.ended());
        EXPECT_EQ(near.close_reason().by, closed_by::peer);
    }
}

TEST(zstd_compressed, sends_fewer_bytes) {
    testkit::served near{length_prefixed{}, zstd_compressed(echo())};
    const std::string message(10'000, 'a');
    const auto frames = near.replies(packed(message));
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_LT(frames[0].size(), 100u);
}

TEST(zstd_compressed, inflates_what_try_receive_returns) {
    testkit::served near{length_prefixed{}, zstd_compressed(handler{join_inflated})};
    near.take(with_length(packed("a")) + with_length(packed("b")) + with_length(packed("")));
    EXPECT_EQ(ask_packed(near, "c"), messages{"c"});
    testkit::served other{length_prefixed{}, zstd_compressed(handler{join_inflated})};
    const std::string joined =
        other.take(with_length(packed("a")) + with_length(packed("b")) + with_length(packed("")));
    EXPECT_EQ(unpacked(bytes_view{joined}.from(4)), "a+b+");
}

TEST(zstd_compressed, ends_a_session_whose_message_is_no_frame) {
    for (const handler& inner : {handler{echo()}, handler{echo_and_say_why}, handler{join_inflated}}) {
        testkit::served near{length_prefixed{}, zstd_compressed(inner)};
        EXPECT_EQ(ask_packed(near, "a"), messages{"a"});
        EXPECT_THROW(near.take(with_length("hello")), malformed_message);
        EXPECT_TRUE(near.ended());
    }
}

TEST(zstd_compressed, says_what_is_wrong_with_a_message) {
    testkit::served near{length_prefixed{}, zstd_compressed(echo())};
    try {
        near.take(with_length("hello"));
        ADD_FAILURE();
    } catch (const malformed_message& refused) {
        EXPECT_EQ(refused.what(), "a message is no zstd frame, which begins with 28 b5 2f fd; does the peer compress? "
                                  "first bytes: 68 65 6c 6c 6f \"hello\" - this looks like text"s);
    }
}

TEST(zstd_compressed, ends_a_session_whose_message_holds_more_than_the_limit) {
    for (const bool says_size : {true, false}) {
        for (const handler& inner : {handler{echo()}, handler{echo_and_say_why}}) {
            testkit::served near{length_prefixed{}, zstd_compressed(inner, {.max_message = 1'000})};
            EXPECT_EQ(ask_packed(near, std::string(1'000, 'a')), messages{std::string(1'000, 'a')});
            const zstd_bomb bomb{.size = 1u << 30, .says_size = says_size};
            EXPECT_THROW(near.take(with_length(bomb.frame())), oversized_message);
            EXPECT_TRUE(near.ended());
        }
    }
}

TEST(zstd_compressed, lets_a_session_handler_reply_to_a_message_that_is_refused) {
    testkit::served near{length_prefixed{}, zstd_compressed(handler{echo_and_say_why}, {.max_message = 1'000})};
    EXPECT_THROW(near.take(with_length(packed("a")) + with_length("hello") + with_length(packed("b"))),
                 malformed_message);
    const auto frames = near.replies();
    ASSERT_EQ(frames.size(), 2u) << "nothing behind the refused message is received";
    EXPECT_EQ(unpacked(frames[0]), "a");
    EXPECT_EQ(unpacked(frames[1]), "ended: malformed");
    testkit::served other{length_prefixed{}, zstd_compressed(handler{echo_and_say_why}, {.max_message = 1'000})};
    EXPECT_THROW(other.take(with_length(packed(std::string(1'001, 'a')))), oversized_message);
    EXPECT_EQ(unpacked(other.replies().at(0)), "ended: message_too_large");
}

TEST(zstd_compressed, passes_on_the_end_of_the_session_and_a_stop) {
    testkit::served stopped{length_prefixed{}, zstd_compressed(handler{echo_and_say_why})};
    EXPECT_EQ(ask_packed(stopped, "a"), messages{"a"});
    stopped.stop();
    EXPECT_EQ(unpacked(stopped.replies().at(0)), "ended: stopping");
    EXPECT_EQ(stopped.close_reason().by, closed_by::stop);

    testkit::served cut{length_prefixed{}, zstd_compressed(handler{echo_and_say_why})};
    cut.take(bytes_view{with_length(packed("hello"))}.first(9));
    cut.end();
    EXPECT_EQ(unpacked(cut.replies().at(0)), "ended: truncated");
    EXPECT_EQ(cut.close_reason().code, errc::truncated);
}

TEST(zstd_compressed, drops_a_message_that_a_stop_cuts) {
    messages received;
    testkit::served near{length_prefixed{}, zstd_compressed(note_in(received))};
    near.take(with_length(packed("a")) + with_length(packed("b")).substr(0, 9));
    near.stop();
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(received, messages{"a"});
}

TEST(zstd_compressed, keeps_the_time_limit_of_a_receive) {
    testkit::served near{length_prefixed{}, zstd_compressed(handler{say_when_late})};
    near.advance(1s);
    EXPECT_EQ(unpacked(near.replies().at(0)), error_code{errc::timed_out}.message());
    EXPECT_EQ(ask_packed(near, "a"), messages{"a"});
}

TEST(zstd_compressed, returns_the_error_of_the_framing_for_a_frame_that_this_refuses) {
    std::vector<error_code> errors;
    const auto answer = [&errors](bytes_view, peer& from) {
        const auto noise_of_letters = from.send("qwertzuiopasdfghjklyxcvbnm0123456789QWERTZUIOPASDFGHJKLYXCVBNM");
        errors.push_back(noise_of_letters.error());
        const auto small = from.send(std::string(1'000, 'a'));
        errors.push_back(small.error());
        const auto large = from.send(std::string(1'001, 'a'));
        errors.push_back(large.error());
    };
    testkit::served near{length_prefixed{{.max_message = 64}}, zstd_compressed(answer, {.max_message = 1'000})};
    EXPECT_EQ(ask_packed(near, "a"), messages{std::string(1'000, 'a')});
    EXPECT_EQ(errors, (std::vector<error_code>{errc::message_too_large, {}, errc::message_too_large}));
    EXPECT_FALSE(near.ended());
}

TEST(zstd_compressed, counts_messages_and_bytes) {
    layer_counts counts{"zstd_compressed"};
    testkit::served near{length_prefixed{}, zstd_compressed(echo(), {}, {&counts.in, "test"})};
    const std::string message(1'000, 'a');
    const auto frames = near.replies(packed(message));
    EXPECT_THROW(near.take(with_length("hello")), malformed_message);
    EXPECT_EQ(counts.messages("passed"), 1u);
    EXPECT_EQ(counts.messages("sent"), 1u);
    EXPECT_EQ(counts.messages("dropped"), 1u);
    EXPECT_EQ(counts.bytes("received", "plain"), 1'000u);
    EXPECT_EQ(counts.bytes("received", "compressed"), packed(message).size());
    EXPECT_EQ(counts.bytes("sent", "plain"), 1'000u);
    EXPECT_EQ(counts.bytes("sent", "compressed"), frames.at(0).size());
}

TEST(zstd_compressed, holds_no_memory_for_an_idle_session) {
    testkit::served near{length_prefixed{}, zstd_compressed(echo())};
    const std::size_t before = core_of(near.shard()).blocks().leased();
    EXPECT_EQ(ask_packed(near, std::string(500'000, 'a')).size(), 1u);
    EXPECT_EQ(core_of(near.shard()).blocks().leased(), before);
}

TEST(zstd_compressed, may_be_inside_of_other_layers_and_of_itself) {
    const auto only_large = [](bytes_view message, peer&) {
        return message.size() < 100 ? verdict::drop : verdict::pass;
    };
    const std::string message(1'000, 'a');
    testkit::served inside{length_prefixed{}, zstd_compressed(filtered(only_large, echo()))};
    EXPECT_EQ(ask_packed(inside, message), messages{message});
    testkit::served outside{length_prefixed{}, filtered(only_large, zstd_compressed(echo()))};
    EXPECT_EQ(ask_packed(outside, message), messages{});
    for (const handler& inner : {handler{echo()}, handler{echo_and_say_why}}) {
        testkit::served twice{length_prefixed{}, zstd_compressed(zstd_compressed(inner))};
        EXPECT_EQ(unpacked(ask_packed(twice, packed("hello")).at(0)), "hello");
    }
}

TEST(zstd_compressed, serves_single_datagrams_of_a_message_handler) {
    layer_counts counts{"zstd_compressed"};
    handler each = zstd_compressed(echo(), {.max_message = 1'000}, {&counts.in, "test"});
    ASSERT_NE(each.per_datagram(), nullptr);
    recording_peer from;
    (*each.per_datagram())(packed("hello"), from);
    ASSERT_EQ(from.sent.size(), 1u);
    EXPECT_EQ(unpacked(from.sent[0]), "hello");
    EXPECT_THROW((*each.per_datagram())("hello", from), malformed_message);
    EXPECT_THROW((*each.per_datagram())(zstd_bomb{.size = 1u << 30}.frame(), from), oversized_message);
    EXPECT_EQ(from.sent.size(), 1u);
    EXPECT_EQ(counts.messages("passed"), 1u);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    EXPECT_EQ(zstd_compressed(echo_and_say_why).per_datagram(), nullptr);
}

TEST(zstd_compressed, does_not_compress_what_topics_and_handles_send) {
    topics rooms;
    peer_handle kept;
    const auto join = [&](bytes_view, peer& from) {
        EXPECT_TRUE(rooms.subscribe(from, "room"));
        kept = from.handle();
    };
    testkit::served near{length_prefixed{}, zstd_compressed(join)};
    ask_packed(near, "join");
    EXPECT_TRUE(rooms.publish("room", "to all"));
    kept.send("to one");
    EXPECT_EQ(near.replies(), (messages{"to all", "to one"}));
}

TEST(zstd_compressed, checks_its_options) {
    EXPECT_THROW(zstd_compressed(echo(), {.level = 23}), std::invalid_argument);
    EXPECT_THROW(zstd_compressed(echo(), {.level = -131'073}), std::invalid_argument);
    EXPECT_THROW(zstd_compressed(echo(), {.max_message = 0}), std::invalid_argument);
}

TEST(zstd_session, talks_to_a_peer_that_compresses) {
    const auto greet = [](session& server) -> boost::asio::awaitable<void> {
        zstd_session compressed{server, {.level = 19}};
        EXPECT_TRUE(compressed.send("who is there?"));
        const auto answer = co_await compressed.receive();
        EXPECT_TRUE(answer && *answer == "rope seller");
        EXPECT_TRUE(compressed.is_reusable());
        EXPECT_FALSE(compressed.close_reason());
    };
    testkit::served client{length_prefixed{}, greet};
    EXPECT_EQ(unpacked(client.replies().at(0)), "who is there?");
    client.replies(packed("rope seller"));
    EXPECT_TRUE(client.ended());
}

TEST(zstd_session, compresses_a_message_that_is_sent_in_parts) {
    const auto send_parts = [](session& server) -> boost::asio::awaitable<void> {
        const zstd_options small = {.max_message = 6};
        zstd_session compressed{server, small};
        EXPECT_THROW(compressed.end_message(), std::logic_error);
        const auto too_large = co_await compressed.begin_message(7);
        EXPECT_EQ(too_large.error(), errc::message_too_large);
        EXPECT_TRUE(co_await compressed.begin_message(std::nullopt));
        EXPECT_TRUE(co_await compressed.send_part("abc"));
        const auto too_much = co_await compressed.send_part("defg");
        EXPECT_EQ(too_much.error(), errc::message_too_large);
        EXPECT_TRUE(co_await compressed.begin_message(6)) << "the message was dropped";
        EXPECT_TRUE(co_await compressed.send_part("abc"));
        EXPECT_EQ(compressed.end_message().error(), errc::truncated);
        EXPECT_TRUE(co_await compressed.send_part("def"));
        EXPECT_TRUE(compressed.end_message());
        const auto part = co_await compressed.receive_part();
        EXPECT_TRUE(part && part->last() && part->bytes == "reply");
    };
    testkit::served client{length_prefixed{}, send_parts};
    EXPECT_EQ(unpacked(client.replies().at(0)), "abcdef");
    client.replies(packed("reply"));
    EXPECT_TRUE(client.ended());
}

TEST(zstd_session, has_words_for_a_message_that_it_refused) {
    const auto read_one = [](session& server) -> boost::asio::awaitable<void> {
        zstd_session compressed{server};
        co_await compressed.receive();
        EXPECT_FALSE(compressed.try_receive()) << "the reason is an error of `receive`";
        const auto refused = co_await compressed.receive();
        EXPECT_TRUE(!refused && refused.error() == errc::malformed);
        const auto still = co_await compressed.receive(1s);
        EXPECT_TRUE(!still && still.error() == errc::malformed);
        EXPECT_EQ(compressed.close_reason().code, errc::malformed);
        EXPECT_EQ(compressed.close_reason().by, closed_by::peer);
        EXPECT_EQ(compressed.close_reason().message(),
                  "1 byte of a message follow its zstd frame; a message is one frame");
        EXPECT_FALSE(compressed.is_reusable());
        EXPECT_FALSE(server.close_reason()) << "the program closes it";
        EXPECT_TRUE(compressed.send("bye"));
    };
    testkit::served client{length_prefixed{}, read_one};
    const std::string replied = client.take(with_length(packed("a")) + with_length(packed("b") + "x"));
    EXPECT_EQ(unpacked(bytes_view{replied}.from(4)), "bye");
    EXPECT_TRUE(client.ended());
}

} // namespace fairlead::test
