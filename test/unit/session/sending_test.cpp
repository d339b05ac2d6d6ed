#include "support/session_fixture.hpp"
#include "support/test_stream.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <optional>

namespace fairlead::test {

namespace {

/// Large messages leave without being copied; nothing else about them is different.
class large_messages : public session_fixture {
protected:
    static std::string long_frame(const std::string& text) {
        byte_buffer framed;
        EXPECT_TRUE(length_prefixed{}.encode(text, framed));
        return to_string(framed.data());
    }

    std::shared_ptr<session_impl> make_session() { return session_fixture::make_session(framing{length_prefixed{}}); }

    const std::string large = std::string(40'000, 'l');
};

/// A transport that can write from one place only, and takes so many bytes.
class plain_stream final : public test_stream {
public:
    result<std::size_t> try_write(bytes_view bytes) override {
        if (failure && room == 0)
            return *failure;
        if (room == 0)
            return errc::would_block;
        const std::size_t size = std::min(bytes.size(), room);
        room -= size;
        written += to_string(bytes.first(size));
        return size;
    }
    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::would_block; }

    std::size_t room = std::numeric_limits<std::size_t>::max();
    std::optional<error_code> failure;
    std::string written;
};

} // namespace

TEST_F(large_messages, leave_at_once_and_in_one_piece_with_their_head) {
    const auto peer = make_session();
    ASSERT_TRUE(peer->send(large));
    EXPECT_EQ(far.writes(), std::vector<std::string>{long_frame(large)});
    run_ready(home);
    EXPECT_EQ(far.writes().size(), 1U);
}

TEST_F(large_messages, keep_their_place_among_others) {
    const auto peer = make_session();
    for (const std::string& each : {std::string{"before"}, large, std::string{"between"}, large, large})
        ASSERT_TRUE(peer->send(each));
    run_ready(home);
    EXPECT_EQ(far.received(),
              long_frame("before") + long_frame(large) + long_frame("between") + long_frame(large) + long_frame(large));
}

TEST_F(large_messages, are_whole_wherever_the_peer_stops_to_read) {
    const std::string expected = long_frame(large) + long_frame("behind");
    for (const std::size_t room : {0UL, 1UL, 3UL, 4UL, 5UL, 1'000UL, 40'003UL, 40'004UL}) {
        const auto peer = make_session();
        far.read_at_most(room);
        ASSERT_TRUE(peer->send(large));
        ASSERT_TRUE(peer->send("behind"));
        run_ready(home);
        EXPECT_EQ(far.received(), expected.substr(0, room));
        far.read_everything();
        run_ready(home);
        EXPECT_EQ(far.received(), expected) << room;
    }
}

TEST_F(large_messages, are_refused_before_a_byte_is_written) {
    const auto peer = make_session();
    EXPECT_EQ(peer->send(std::string(2'000'000, 'x')).error(), errc::message_too_large);
    ASSERT_TRUE(peer->send("next"));
    run_ready(home);
    EXPECT_EQ(far.received(), long_frame("next"));
}

namespace {

boost::asio::awaitable<void> send_and_flush(std::shared_ptr<session> peer, std::string message, std::string& outcome) {
    peer->send(message);
    const auto flushed = co_await peer->flush();
    outcome = flushed ? "flushed" : flushed.error().message();
}

} // namespace

TEST_F(large_messages, end_the_session_at_once_if_the_transport_throws_while_it_takes_them) {
    const auto peer = make_session();
    far.read_at_most(10);
    std::string outcome;
    start(home, send_and_flush(peer, large, outcome));
    run_ready(home);
    EXPECT_EQ(outcome, "");
    const error_code no_memory = make_error_code(boost::system::errc::not_enough_memory);
    far.at_operation(far.operations() + 1, [] { throw std::bad_alloc{}; });
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(outcome, no_memory.message());
    EXPECT_EQ(peer->close_reason().code, no_memory);
    EXPECT_EQ(far.received().size(), 10u);
}

TEST_F(large_messages, end_the_session_if_the_transport_throws_at_their_first_byte) {
    const auto peer = make_session();
    far.at_operation(1, [] { throw std::bad_alloc{}; });
    EXPECT_THROW(peer->send(large), std::bad_alloc);
    EXPECT_EQ(peer->close_reason().code, make_error_code(boost::system::errc::not_enough_memory));
    EXPECT_FALSE(peer->send("more"));
    peer->abort(errc::closed);
}

TEST(stream, writes_from_two_places_one_after_the_other) {
    plain_stream wire;
    EXPECT_EQ(wire.try_write_both("head", "body").value(), 8U);
    EXPECT_EQ(wire.try_write_both("", "more").value(), 4U);
    EXPECT_EQ(wire.written, "headbodymore");
}

TEST(stream, tells_how_much_it_took_from_two_places) {
    for (std::size_t room = 1; room < 8; ++room) {
        plain_stream wire;
        wire.room = room;
        EXPECT_EQ(wire.try_write_both("head", "body").value(), room);
        EXPECT_EQ(wire.try_write_both("head", "body").error(), errc::would_block);
    }
}

TEST(stream, tells_of_a_failure_when_nothing_was_taken_and_of_what_was_taken_before) {
    plain_stream wire;
    wire.room = 4;
    wire.failure = make_error_code(errc::closed);
    EXPECT_EQ(wire.try_write_both("head", "body").value(), 4U);
    EXPECT_EQ(wire.try_write_both("head", "body").error(), errc::closed);
}

} // namespace fairlead::test
