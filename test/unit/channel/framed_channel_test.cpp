#include "channel/framed_channel.hpp"
#include "runtime/shard_core.hpp"

#include "support/short_frame.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

/// Sends every message back.
class echo_sink final : public message_sink_for<echo_sink> {
public:
    explicit echo_sink(channel& through) : through_{through} {}
    bool take_message(bytes_view message) override { return through_.send(message).has_value(); }

private:
    channel& through_;
};

class framed_channel_test : public ::testing::Test {
protected:
    /// A memory stream pauses between two chunks.
    bool fill() { return channel.fill(stream::plenty) || channel.fill(stream::plenty); }

    shard home;
    testkit::memory_connection connection = testkit::make_memory_stream(home);
    testkit::memory_peer far = connection.far;
    framed_channel channel{std::move(connection.near), framing{length_prefixed{{.width = 1}}}, core_of(home).blocks()};
    echo_sink echo{channel};
};

} // namespace

TEST_F(framed_channel_test, reads_gives_messages_and_writes_what_was_sent) {
    EXPECT_EQ(channel.fill(stream::plenty).error(), errc::would_block);
    far.send(frame("one") + frame("two"));
    EXPECT_EQ(channel.fill(stream::plenty).value(), 8u);
    EXPECT_EQ(channel.receive(echo).value(), receive_outcome::starved);
    EXPECT_EQ(channel.queued(), 8u);
    EXPECT_EQ(channel.write().written, 8u);
    EXPECT_EQ(far.writes(), std::vector<std::string>{frame("one") + frame("two")});
}

TEST_F(framed_channel_test, keeps_replies_in_place_when_it_is_filled_or_parked_before_they_are_written) {
    for (const bool parked : {false, true}) {
        far.send(frame("one") + "\5hal");
        ASSERT_TRUE(fill());
        ASSERT_TRUE(channel.receive(echo));
        if (parked)
            channel.park();
        far.send("f-");
        ASSERT_TRUE(fill());
        ASSERT_TRUE(channel.receive(echo));
        channel.write();
    }
    EXPECT_EQ(far.received(), frame("one") + frame("half-") + frame("one") + frame("half-"));
}

TEST_F(framed_channel_test, notes_that_its_peer_has_ended_its_side) {
    far.end();
    EXPECT_FALSE(channel.input_ended());
    EXPECT_EQ(channel.fill(stream::plenty).error(), errc::closed);
    EXPECT_TRUE(channel.input_ended());
    EXPECT_EQ(channel.receive(echo).value(), receive_outcome::ended);
}

TEST_F(framed_channel_test, holds_memory_only_for_what_is_not_decoded_or_not_written) {
    EXPECT_EQ(channel.held(), 0u);
    far.send(frame("one") + "\5hal");
    ASSERT_TRUE(channel.fill(stream::plenty));
    ASSERT_TRUE(channel.receive(echo));
    channel.write();
    channel.park();
    EXPECT_TRUE(channel.inside_message());
    EXPECT_LE(channel.held(), 64u);
    channel.drop_input();
    EXPECT_EQ(channel.held(), 0u);
}

TEST_F(framed_channel_test, drops_what_arrives_without_keeping_it) {
    far.send("whatever");
    EXPECT_EQ(channel.discard().value(), 8u);
    EXPECT_EQ(channel.held(), 0u);
    EXPECT_EQ(channel.discard().error(), errc::would_block);
}

TEST_F(framed_channel_test, names_its_encoding_by_the_text_form_and_the_largest_message) {
    const auto encoding_of = [this](framing rules) {
        return framed_channel{testkit::make_memory_stream(home).near, std::move(rules), core_of(home).blocks()}
            .encoding();
    };
    EXPECT_EQ(encoding_of(length_prefixed{}), encoding_of(length_prefixed{}));
    EXPECT_NE(encoding_of(length_prefixed{}), encoding_of(length_prefixed{{.width = 1}}));
    EXPECT_NE(encoding_of(length_prefixed{}), encoding_of(length_prefixed{{.max_message = 10}}));
    EXPECT_EQ(encoding_of(length_prefixed{{.keep_header = true}}), "") << "no text form";
}

TEST_F(framed_channel_test, encodes_for_others_of_its_encoding) {
    byte_buffer encoded;
    ASSERT_TRUE(channel.encode("one", encoded));
    ASSERT_TRUE(channel.send_encoded(encoded.data()));
    EXPECT_EQ(far.received(), frame("one"));
}

} // namespace fairlead::test
