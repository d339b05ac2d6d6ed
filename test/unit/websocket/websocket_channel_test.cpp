#include "runtime/shard_core.hpp"
#include "support/websocket_frames.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

/// Notes every message, and sends it back if told to.
class noting_sink final : public message_sink_for<noting_sink> {
public:
    explicit noting_sink(channel& through) : through_{through} {}
    bool take_message(bytes_view message) override {
        seen.push_back(to_string(message));
        if (change)
            std::ranges::fill(through_.writable(message), *change);
        if (echoes && through_.replies().add(message) == 0) {
            ++copies;
            return through_.send(message).has_value();
        }
        return true;
    }

    std::vector<std::string> seen;
    bool echoes = true;
    std::optional<unsigned char> change;
    int copies = 0; // replies that were not sent from where they were received

private:
    channel& through_;
};

class websocket_channel_test : public ::testing::Test {
protected:
    void open(websocket_rules rules = {}, bytes_view received = {}) {
        role = rules.role;
        connection.emplace(testkit::make_memory_stream(home));
        tried = std::make_unique<websocket_channel>(std::move(connection->near), rules, websocket_info{},
                                                    core_of(home).blocks(), received);
        sink.emplace(*tried);
    }

    testkit::memory_peer& far() { return connection->far; }

    /// A memory stream pauses between two chunks.
    bool fill() { return tried->fill(stream::plenty) || tried->fill(stream::plenty); }

    result<receive_outcome> receive(const std::string& bytes = {}) {
        if (!bytes.empty()) {
            far().send(bytes);
            EXPECT_TRUE(fill());
        }
        return tried->receive(*sink);
    }

    std::vector<std::string> written() {
        while (tried->queued() != 0 && tried->write().state == output_state::open) {}
        return frames_in(far().take(), role);
    }

    using frames = std::vector<std::string>;

    shard home;
    std::optional<testkit::memory_connection> connection;
    std::unique_ptr<websocket_channel> tried;
    std::optional<noting_sink> sink;
    websocket_role role = websocket_role::server;
};

std::string from_server(frame_kind kind, bytes_view payload) {
    return make_frame(kind, payload, nullptr);
}

} // namespace

TEST_F(websocket_channel_test, of_a_server_echoes_without_a_copy_all_messages_of_one_read) {
    open();
    const std::string large(1000, 'x');
    EXPECT_EQ(receive(masked_frame(frame_kind::binary, "one") + masked_frame(frame_kind::binary, large) +
                      masked_frame(frame_kind::text, "") + masked_frame(frame_kind::binary, "four"))
                  .value(),
              receive_outcome::starved);
    EXPECT_EQ(sink->copies, 0);
    EXPECT_EQ(tried->queued(), 2u + 3 + 4 + 1000 + 2 + 2 + 4);
    EXPECT_EQ(written(), (frames{"binary one", "binary " + large, "binary", "binary four"}));
    EXPECT_EQ(far().writes().size(), 1u);
}

// Another session may take its input from where this one has had it.
TEST_F(websocket_channel_test, gives_a_message_no_header_of_one_that_lay_in_its_place) {
    open();
    sink->echoes = false;
    ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "hello")));
    tried->park();
    byte_buffer other{core_of(home).blocks()};
    other.append(std::string(20, 'x'));
    for (std::size_t offset = 0; offset < 15; ++offset) {
        EXPECT_TRUE(tried->send(other.data().from(offset).first(5)));
        EXPECT_EQ(written(), frames{"binary xxxxx"}) << offset;
    }
}

TEST_F(websocket_channel_test, answers_a_ping_between_its_replies) {
    open();
    ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "one") + masked_frame(frame_kind::ping, "?") +
                        masked_frame(frame_kind::binary, "two")));
    EXPECT_TRUE(tried->takes_own_output());
    EXPECT_FALSE(tried->takes_own_output());
    EXPECT_EQ(written(), (frames{"binary one", "pong ?", "binary two"}));
}

TEST_F(websocket_channel_test, replies_in_place_with_what_a_handler_has_written_over_a_message) {
    open();
    sink->change = 'X';
    ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "one") + masked_frame(frame_kind::binary, "two")));
    EXPECT_EQ(sink->copies, 0);
    EXPECT_EQ(written(), (frames{"binary XXX", "binary XXX"}));
}

TEST_F(websocket_channel_test, of_text_refuses_to_send_what_is_not_utf8) {
    open({.messages = websocket_messages::text});
    ASSERT_TRUE(receive(masked_frame(frame_kind::text, "caf\xC3\xA9")));
    EXPECT_EQ(written(), frames{"text caf\xC3\xA9"});
    EXPECT_EQ(tried->send("caf\xC3").error(), errc::malformed);
    sink->change = 0xFF;
    ASSERT_TRUE(receive(masked_frame(frame_kind::text, "one")));
    EXPECT_EQ(written(), frames{}) << "a handler wrote it over the message";
    EXPECT_TRUE(tried->send("good"));
    EXPECT_EQ(written(), frames{"text good"});
}

TEST_F(websocket_channel_test, refuses_to_send_more_than_its_limit) {
    open({.max_message = 4});
    EXPECT_EQ(tried->send("12345").error(), errc::message_too_large);
    EXPECT_TRUE(tried->send("1234"));
    EXPECT_EQ(written(), frames{"binary 1234"});
}

TEST_F(websocket_channel_test, of_a_client_masks_each_frame_in_its_own_way) {
    open({.role = websocket_role::client});
    ASSERT_TRUE(receive(from_server(frame_kind::binary, "one") + from_server(frame_kind::ping, "?")));
    EXPECT_EQ(sink->seen, frames{"one"});
    EXPECT_TRUE(tried->send("same"));
    EXPECT_TRUE(tried->send("same"));
    while (tried->queued() != 0)
        tried->write();
    const std::string bytes = far().take();
    EXPECT_EQ(frames_in(bytes, websocket_role::client), (frames{"binary one", "pong ?", "binary same", "binary same"}));
    EXPECT_NE(bytes.substr(bytes.size() - 10), bytes.substr(bytes.size() - 20, 10));
}

TEST_F(websocket_channel_test, gives_what_came_behind_the_upgrade) {
    open({}, masked_frame(frame_kind::text, "early"));
    ASSERT_TRUE(receive());
    EXPECT_EQ(sink->seen, frames{"early"});
}

TEST_F(websocket_channel_test, answers_the_newest_ping_only_to_a_peer_that_does_not_read) {
    open();
    far().read_at_most(0);
    sink->echoes = false;
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(receive(masked_frame(frame_kind::ping, std::to_string(i))));
        if (tried->queued() != 0)
            tried->write();
        ASSERT_LT(tried->queued(), 5000u);
        ASSERT_LT(tried->held(), 300u * 1024);
    }
    far().read_everything();
    const auto got = written();
    EXPECT_EQ(got.front(), "pong 0");
    EXPECT_EQ(got.back(), "pong 1999");
    EXPECT_EQ(got.size(), 2u);
}

TEST_F(websocket_channel_test, bounds_its_answers_to_the_pings_of_one_read) {
    open();
    std::string flood;
    for (int i = 0; i < 2000; ++i)
        flood += masked_frame(frame_kind::ping, std::string(100, 'p') + std::to_string(i));
    ASSERT_TRUE(receive(flood));
    EXPECT_LT(tried->queued(), 5000u);
    EXPECT_EQ(written().back(), "pong " + std::string(100, 'p') + "1999");
}

TEST_F(websocket_channel_test, pings_unless_its_output_is_blocked_or_ended) {
    open();
    EXPECT_TRUE(tried->ping());
    EXPECT_TRUE(tried->takes_own_output());
    EXPECT_EQ(written(), frames{"ping"});
    EXPECT_EQ(receive(masked_frame(frame_kind::pong, "")).value(), receive_outcome::starved);
    far().read_at_most(0);
    ASSERT_TRUE(tried->send("x"));
    tried->write();
    EXPECT_FALSE(tried->ping());
    far().read_everything();
    EXPECT_EQ(written(), frames{"binary x"});
    tried->end_output({});
    EXPECT_FALSE(tried->ping());
}

TEST_F(websocket_channel_test, ends_with_the_close_of_the_peer_and_answers_it_at_the_end_of_its_output) {
    open();
    EXPECT_EQ(receive(masked_frame(frame_kind::binary, "last") + masked_close(1001, "bye") +
                      masked_frame(frame_kind::binary, "late"))
                  .value(),
              receive_outcome::ended);
    EXPECT_TRUE(tried->input_ended());
    EXPECT_FALSE(tried->inside_message());
    EXPECT_EQ(sink->seen, frames{"last"});
    EXPECT_TRUE(tried->send("a late reply"));
    tried->end_output({});
    EXPECT_EQ(tried->send("x").error(), errc::closed);
    EXPECT_EQ(written(), (frames{"binary last", "binary a late reply", "close 1001"}));
    EXPECT_FALSE(far().ended());
    tried->shutdown();
    EXPECT_TRUE(far().ended());
    EXPECT_NE(tried->explain_end().find("1001 (going_away): bye"), std::string::npos);
}

TEST_F(websocket_channel_test, keeps_its_transport_open_until_the_peer_has_answered_its_close) {
    open();
    tried->end_output({});
    tried->end_output(errc::stopping);
    EXPECT_EQ(written(), frames{"close 1000"}) << "once";
    tried->shutdown();
    EXPECT_FALSE(far().ended());
    EXPECT_EQ(receive(masked_frame(frame_kind::binary, "under way")).value(), receive_outcome::starved);
    EXPECT_EQ(sink->seen, frames{"under way"}) << "RFC 6455 lets the peer send until it closes";
    EXPECT_EQ(receive(masked_close(1000)).value(), receive_outcome::ended);
    EXPECT_TRUE(far().ended());
    EXPECT_EQ(tried->explain_end(), "");
}

TEST_F(websocket_channel_test, discards_all_but_the_close_of_the_peer) {
    open();
    const std::string bytes = masked_frame(frame_kind::binary, std::string(300'000, 'x')) +
                              masked_frame(frame_kind::ping, "?") + masked_close(1000);
    far().send(bytes.substr(0, 1000));
    ASSERT_TRUE(fill());
    tried->end_output({});
    EXPECT_EQ(written(), frames{"close 1000"});
    tried->drop_input();
    EXPECT_EQ(tried->held(), 0u);
    tried->shutdown();
    far().send(bytes.substr(1000));
    for (int reads = 0; !tried->input_ended() && reads < 100; ++reads)
        (void)tried->discard();
    EXPECT_TRUE(tried->input_ended());
    EXPECT_TRUE(far().ended());
    EXPECT_EQ(tried->discard().error(), errc::closed);
    EXPECT_EQ(written(), frames{}) << "no pong behind a Close";
}

TEST_F(websocket_channel_test, closes_with_the_code_of_an_error_and_says_what_is_wrong) {
    struct {
        std::string bytes;
        errc why;
        std::string close;
        std::string words;
    } const cases[] = {
        {raw_frame(1, "x", {.reserved = 4}), errc::malformed, "close 1002", "reserved bits"},
        {masked_frame(frame_kind::text, "\xFF"), errc::malformed, "close 1007", "not UTF-8"},
        {masked_frame(frame_kind::binary, "x"), errc::malformed, "close 1003", "only text is accepted"},
        {masked_frame(frame_kind::text, std::string(101, 'x')), errc::message_too_large, "close 1009", "max_message"},
        {"GET / HTTP/1.1\r\n", errc::malformed, "close 1002", "HTTP"},
    };
    for (const auto& [bytes, why, close, words] : cases) {
        open({.messages = websocket_messages::text, .max_message = 100});
        const auto outcome = receive(masked_frame(frame_kind::text, "first") + bytes);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error(), why);
        EXPECT_NE(tried->explain(why).find(words), std::string::npos) << tried->explain(why);
        EXPECT_TRUE(tried->takes_own_output());
        EXPECT_EQ(tried->send("x").error(), errc::closed);
        tried->end_output(why);
        EXPECT_EQ(written(), (frames{"text first", close}));
        tried->shutdown();
        EXPECT_TRUE(far().ended()) << "the frames of the peer cannot be read any more";
        EXPECT_FALSE(tried->input_ended());
        far().send("more");
        EXPECT_TRUE(tried->discard() || tried->discard());
    }
}

TEST_F(websocket_channel_test, has_the_error_codes_of_a_peers_close) {
    open();
    const auto outcome = receive(masked_close(1009, "at most\n1 KiB"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error(), websocket_close::message_too_large);
    EXPECT_EQ(tried->explain(outcome.error()),
              "the peer closed the WebSocket with 1009 (message_too_large): at most\\n1 KiB");
    tried->end_output(outcome.error());
    EXPECT_EQ(written(), frames{"close 1009"});
}

TEST_F(websocket_channel_test, counts_the_texts_of_its_request) {
    block_pool blocks;
    {
        const websocket_channel peer{
            nullptr, {}, {.path = "/" + std::string(999, 'a'), .origin = std::string(200, 'b')}, blocks, {}};
        EXPECT_EQ(blocks.leased(), 1'200u);
        EXPECT_EQ(peer.held(), 1'200u);
    }
    EXPECT_EQ(blocks.leased(), 0u);
}

TEST_F(websocket_channel_test, takes_the_end_of_the_transport_without_a_close_for_that_of_the_peer_between_messages) {
    for (const std::string& before : {std::string{}, masked_frame(frame_kind::binary, "whole")}) {
        open();
        ASSERT_TRUE(before.empty() || receive(before));
        far().end();
        while (!tried->input_ended())
            (void)tried->fill(stream::plenty);
        const auto outcome = receive();
        ASSERT_TRUE(outcome);
        EXPECT_EQ(*outcome, receive_outcome::ended);
        EXPECT_EQ(tried->explain_end(), "the peer ended the connection without a WebSocket Close");
    }
}

TEST_F(websocket_channel_test, takes_the_end_of_the_transport_inside_of_a_message_for_a_failure) {
    const std::string half = masked_frame(frame_kind::binary, "half").substr(0, 8);
    const std::string first_of_two = raw_frame(2, "part", {.last = false});
    for (const std::string& before : {half, first_of_two}) {
        open();
        ASSERT_TRUE(before.empty() || receive(before));
        far().end();
        EXPECT_TRUE(tried->fill(stream::plenty).error() == errc::closed ||
                    tried->fill(stream::plenty).error() == errc::closed);
        EXPECT_TRUE(tried->input_ended());
        EXPECT_EQ(receive().error(), errc::truncated);
        EXPECT_NE(tried->explain(errc::truncated).find("without a WebSocket Close"), std::string::npos);
    }
    open();
    tried->end_output({});
    far().end();
    EXPECT_FALSE(tried->fill(stream::plenty));
    EXPECT_EQ(receive().value(), receive_outcome::ended) << "after our Close there is nothing more to say";
}

// A wrong frame that was decoded after the end of the transport was decoded again and again.
TEST_F(websocket_channel_test, decodes_what_came_before_the_end_of_the_transport) {
    struct {
        std::string bytes;
        result<receive_outcome> expected;
    } const cases[] = {{masked_frame(frame_kind::binary, "last") + masked_close(1000), receive_outcome::ended},
                       {masked_frame(frame_kind::text, "\xFF"), errc::malformed},
                       {raw_frame(3, ""), errc::malformed}};
    for (const auto& [bytes, expected] : cases) {
        open();
        far().send(bytes);
        far().end();
        ASSERT_TRUE(fill());
        for (int tries = 0; !tried->input_ended() && tries < 3; ++tries)
            (void)tried->fill(stream::plenty);
        ASSERT_TRUE(tried->input_ended());
        EXPECT_TRUE(receive() == expected);
    }
}

TEST_F(websocket_channel_test, says_why_it_ends_its_output) {
    struct {
        error_code why;
        const char* close;
    } const cases[] = {{{}, "close 1000"},
                       {errc::closed, "close 1000"},
                       {errc::stopping, "close 1001"},
                       {errc::idle_timeout, "close 1001"},
                       {errc::malformed, "close 1002"}};
    for (const auto& [why, close] : cases) {
        open();
        tried->end_output(why);
        EXPECT_EQ(written(), frames{close});
    }
}

TEST_F(websocket_channel_test, holds_no_memory_between_messages) {
    open();
    ASSERT_TRUE(receive(masked_frame(frame_kind::text, "a", false)));
    EXPECT_TRUE(tried->park());
    EXPECT_LE(tried->held(), 128u) << "a fragment";
    ASSERT_TRUE(receive(masked_frame(frame_kind::continuation, std::string(100'000, 'b'))));
    EXPECT_EQ(written(), frames{"binary a" + std::string(100'000, 'b')});
    EXPECT_FALSE(tried->park());
    EXPECT_EQ(tried->held(), 0u);
    ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "abc").substr(0, 7)));
    EXPECT_TRUE(tried->park());
    EXPECT_LE(tried->held(), 128u) << "the beginning of a message";
    ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "abc").substr(7)));
    EXPECT_EQ(written(), frames{"binary abc"});
}

TEST_F(websocket_channel_test, keeps_replies_in_place_when_it_is_filled_or_parked_before_they_are_written) {
    open();
    const std::string next = masked_frame(frame_kind::binary, "next one");
    for (const bool parked : {false, true}) {
        ASSERT_TRUE(receive(masked_frame(frame_kind::binary, "one") + next.substr(0, 9)));
        if (parked)
            tried->park();
        ASSERT_TRUE(receive(next.substr(9)));
    }
    EXPECT_EQ(written(), (frames{"binary one", "binary next one", "binary one", "binary next one"}));
}

TEST_F(websocket_channel_test, writes_what_is_large_as_the_transport_takes_it) {
    open({.max_message = 1 << 20});
    const std::string large(300'000, 'x');
    far().read_at_most(1000);
    const auto sent = tried->send(large);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->state, output_state::blocked);
    EXPECT_EQ(sent->written, 1000u);
    ASSERT_TRUE(tried->send("small"));
    far().read_everything();
    EXPECT_EQ(written(), (frames{"binary " + large, "binary small"}));
}

} // namespace fairlead::test
