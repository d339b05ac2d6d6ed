// The stream of apps/examples/masked_stream.hpp keeps the contract of a stream; docs/transport.md explains both.

#include "examples/masked_stream.hpp"
#include "support/run.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

namespace {

constexpr std::string_view key = "tide";

/// What the bytes of one direction, from its first byte on, look like on the wire, and the other way round.
std::string masked(std::string bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(bytes[i] ^ key[i % key.size()]);
    return bytes;
}

/// 10,007 bytes, more than the stream masks at a time and no multiple of the key.
std::string long_text() {
    std::string text;
    while (text.size() < 10'007)
        text += static_cast<char>('a' + text.size() % 23);
    return text;
}

std::string long_frame() {
    return "\x27\x17" + long_text(); // 10,007, most significant byte first
}

class own_stream : public ::testing::Test {
protected:
    std::unique_ptr<stream> make_stream() {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        return std::make_unique<masked_stream>(std::move(connection.near), std::string{key});
    }

    std::shared_ptr<session> make_session() {
        return session::create(home, make_stream(), length_prefixed{{.width = 2}});
    }

    static boost::asio::awaitable<void> echo(std::shared_ptr<session> peer, std::string& ended) {
        while (const auto message = co_await peer->receive())
            peer->send(*message);
        ended = peer->close_reason().code.message();
        co_await peer->close_gracefully();
    }

    static boost::asio::awaitable<void> send(std::shared_ptr<session> peer, std::string message, std::string& ended) {
        peer->send(message);
        const auto flushed = co_await peer->flush();
        ended = flushed ? "sent" : flushed.error().message();
    }

    shard home;
    testkit::memory_peer far = testkit::make_memory_stream(home).far;
    std::string ended;
};

} // namespace

TEST_F(own_stream, carries_messages_both_ways_however_the_bytes_arrive) {
    using namespace std::literals;
    start(home, echo(make_session(), ended));
    const std::string plain = "\0\5hello\0\1!"s + long_frame() + "\0\0"s;
    const std::string wire = masked(plain);
    for (std::size_t at = 0, size = 1; at < wire.size(); at += size++)
        far.send(std::string_view{wire}.substr(at, size));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), wire);
    EXPECT_NE(far.received(), plain);
    EXPECT_EQ(ended, make_error_code(errc::closed).message());
}

TEST_F(own_stream, goes_on_behind_the_last_byte_that_a_full_peer_took) {
    const auto peer = make_session();
    far.read_at_most(0);
    start(home, send(peer, long_text(), ended));
    std::size_t rounds = 0;
    for (; ended.empty() && rounds < 100; ++rounds) {
        far.read_at_most(777);
        run_ready(home);
    }
    EXPECT_EQ(ended, "sent");
    EXPECT_EQ(rounds, 13u);
    EXPECT_EQ(masked(far.received()), long_frame());
}

TEST_F(own_stream, takes_all_that_an_open_peer_takes_for_no_event_would_ask_for_the_rest) {
    const auto own = make_stream();
    EXPECT_EQ(own->try_write(long_text()), long_text().size());
    EXPECT_EQ(masked(far.received()), long_text());
}

TEST_F(own_stream, reports_a_full_peer_and_takes_no_byte) {
    const auto own = make_stream();
    far.read_at_most(4096);
    EXPECT_EQ(own->try_write(long_text()), 4096u);
    EXPECT_EQ(own->try_write("more").error(), errc::would_block);
    far.read_at_most(4);
    EXPECT_EQ(own->try_write("more"), 4u);
    EXPECT_EQ(masked(far.received()), long_text().substr(0, 4096) + "more");
}

TEST_F(own_stream, adds_at_most_what_is_asked_for_behind_what_is_there) {
    const auto own = make_stream();
    far.send(masked("ahoy"));
    byte_buffer input;
    input.append("> ");
    EXPECT_EQ(own->try_fill(input, 3), 3u);
    EXPECT_EQ(own->try_fill(input, 3), 1u);
    EXPECT_EQ(input.data(), "> ahoy");
}

TEST_F(own_stream, takes_no_room_while_there_is_nothing_to_read) {
    const auto own = make_stream();
    byte_buffer input;
    EXPECT_EQ(own->try_fill(input, stream::plenty).error(), errc::would_block);
    EXPECT_EQ(input.capacity(), 0u);
}

TEST_F(own_stream, tells_the_end_of_the_peer_behind_its_last_byte) {
    const auto own = make_stream();
    far.send(masked("bye"));
    far.end();
    byte_buffer input;
    EXPECT_EQ(own->try_fill(input, stream::plenty), 3u);
    EXPECT_EQ(own->try_fill(input, stream::plenty).error(), errc::closed);
    EXPECT_EQ(own->try_write("still open"), 10u);
}

TEST_F(own_stream, passes_errors_on) {
    const auto own = make_stream();
    const error_code reset = make_error_code(boost::system::errc::connection_reset);
    far.fail_operation(1, reset);
    byte_buffer input;
    EXPECT_EQ(own->try_fill(input, stream::plenty).error(), reset);
    far.fail_operation(2, reset);
    EXPECT_EQ(own->try_write("x").error(), reset);
    own->close();
    EXPECT_EQ(own->try_fill(input, stream::plenty).error(), errc::closed);
    EXPECT_EQ(own->try_write("x").error(), errc::closed);
}

} // namespace fairlead::test
