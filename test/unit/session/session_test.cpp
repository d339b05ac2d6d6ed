#include "support/session_fixture.hpp"
#include "support/test_stream.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

using namespace std::literals;

namespace fairlead::test {

using session_test = session_fixture;

TEST_F(session_test, receives_whole_messages_however_the_bytes_arrive) {
    const std::string bytes = frame("one") + frame("") + frame("three");
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        seen.clear();
        start(home, note_messages(make_session(), seen));
        for (std::size_t at = 0; at < bytes.size(); at += size)
            far.send(bytes.substr(at, size));
        far.end();
        run_to_end(home);
        EXPECT_EQ(seen, (std::vector<std::string>{"one", "", "three", end(errc::closed)})) << "cut every " << size;
    }
}

TEST_F(session_test, answers_all_messages_of_one_read_in_one_write) {
    start(home, echo_messages(make_session()));
    far.send(frame("a") + frame("b") + frame("c"));
    far.send(frame("d") + frame("e"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.writes(), (std::vector<std::string>{frame("a") + frame("b") + frame("c"), frame("d") + frame("e")}));
}

TEST_F(session_test, counts_its_messages_and_bytes) {
    const auto peer = make_session();
    start(home, echo_messages(peer));
    far.send(frame("a") + frame("bcd") + "\3x");
    run_ready(home);
    const session_counts counted = peer->counts();
    EXPECT_EQ(counted.messages_in, 2U);
    EXPECT_EQ(counted.messages_out, 2U);
    EXPECT_EQ(counted.bytes_in, 8U);
    EXPECT_EQ(counted.bytes_out, 6U);
}

TEST_F(session_test, sends_all_replies_to_a_peer_that_has_ended_its_side) {
    start(home, echo_messages(make_session()));
    far.read_at_most(0);
    far.send(frame("first") + frame("second"));
    far.end();
    run_ready(home);
    EXPECT_EQ(far.received(), "");
    EXPECT_FALSE(far.closed());
    far.read_everything();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("first") + frame("second"));
    EXPECT_TRUE(far.closed());
}

TEST_F(session_test, reports_a_stream_that_ends_inside_a_message) {
    start(home, note_messages(make_session(), seen));
    far.send(frame("whole") + "\5hal"s);
    far.end();
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"whole", end(errc::truncated)}));
}

TEST_F(session_test, gives_the_same_end_again_to_who_asks_again) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    far.fail(boost::system::errc::make_error_code(boost::system::errc::connection_reset));
    run_to_end(home);
    start(home, note_messages(peer, seen));
    run_to_end(home);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], seen[1]);
    EXPECT_EQ(peer->close_reason().code, boost::system::errc::connection_reset);
}

TEST_F(session_test, delivers_replies_made_before_a_message_that_breaks_the_framing) {
    auto connection = testkit::make_memory_stream(home);
    auto peer =
        session::create(home, std::move(connection.near), framing{length_prefixed{{.width = 1, .max_message = 3}}});
    start(home, echo_messages(peer));
    connection.far.send(frame("abc") + frame("too much"));
    connection.far.end();
    run_to_end(home);
    EXPECT_EQ(connection.far.received(), frame("abc"));
    EXPECT_EQ(peer->close_reason().code, errc::message_too_large);
    EXPECT_NE(peer->close_reason().message().find("08 74 6f"), std::string::npos) << peer->close_reason().message();
}

TEST_F(session_test, goes_on_after_refusing_a_message_that_cannot_be_framed) {
    auto peer = make_session();
    EXPECT_EQ(peer->send(std::string(256, 'x')).error(), errc::message_too_large);
    EXPECT_TRUE(peer->send("fits"));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("fits"));
}

TEST_F(session_test, never_tears_a_message_when_writes_fall_short) {
    auto peer = make_session();
    far.read_at_most(3);
    peer->send("hello");
    run_ready(home);
    peer->send("world");
    run_ready(home);
    EXPECT_EQ(far.received(), frame("hello").substr(0, 3));
    for (int i = 0; i < 20; ++i) {
        far.read_at_most(1);
        run_ready(home);
    }
    EXPECT_EQ(far.received(), frame("hello") + frame("world"));
}

TEST_F(session_test, sends_what_others_sent_in_one_turn_in_one_write_at_its_end) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    run_ready(home);
    boost::asio::post(home.get_executor(), [peer] {
        peer->send("one");
        peer->send("two");
    });
    run_ready(home);
    EXPECT_EQ(far.writes(), std::vector<std::string>{frame("one") + frame("two")});
    far.end();
    run_to_end(home);
}

boost::asio::awaitable<void> send_then_wait(shard& home, std::shared_ptr<session> peer, bool& sent_while_waiting,
                                            testkit::memory_peer far) {
    peer->send("before the wait");
    boost::asio::steady_timer timer{home.get_executor(), 1ms};
    co_await timer.async_wait(boost::asio::deferred);
    sent_while_waiting = !far.received().empty();
}

TEST_F(session_test, sends_what_a_handler_queued_before_it_waits_for_something_else) {
    bool sent_while_waiting = false;
    auto peer = make_session();
    start(home, send_then_wait(home, peer, sent_while_waiting, far));
    run_to_end(home);
    EXPECT_TRUE(sent_while_waiting);
}

boost::asio::awaitable<void> keep_view(std::shared_ptr<session> peer, std::string& copy_at_end) {
    const auto message = co_await peer->receive();
    for (int i = 0; i < 1000; ++i)
        peer->send("replies must not touch the message");
    co_await peer->flush();
    copy_at_end = to_string(message.value());
}

TEST_F(session_test, keeps_a_message_readable_until_the_next_receive) {
    std::string copy;
    start(home, keep_view(make_session(), copy));
    far.send(frame("precious"));
    far.send(frame("next"));
    run_to_end(home);
    EXPECT_EQ(copy, "precious");
}

TEST_F(session_test, gives_messages_that_are_here_and_nothing_when_there_are_none) {
    auto peer = make_session();
    EXPECT_FALSE(peer->try_receive());
    far.send(frame("a") + frame("b"));
    start(home, [](std::shared_ptr<session> s, std::vector<std::string>& out) -> boost::asio::awaitable<void> {
        out.push_back(to_string((co_await s->receive()).value()));
        while (const auto more = s->try_receive())
            out.push_back(to_string(*more));
    }(peer, seen));
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
}

TEST_F(session_test, holds_no_block_while_it_waits) {
    auto peer = make_session();
    start(home, echo_messages(peer));
    run_ready(home);
    EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    far.send(frame("message") + frame("unfinish").substr(0, 7));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("message"));
    EXPECT_LE(core_of(home).blocks().leased(), 64U) << "an unfinished message is kept in a piece of its own size";
    far.send("sh");
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("message") + frame("unfinish"));
}

boost::asio::awaitable<void> shut_down_then_note(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    peer->send("last words");
    co_await peer->shutdown();
    EXPECT_EQ(peer->send("more").error(), errc::closed);
    co_await note_messages(peer, seen);
}

TEST_F(session_test, receives_after_it_has_ended_its_own_side) {
    start(home, shut_down_then_note(make_session(), seen));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("last words"));
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed());
    far.send(frame("answer"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"answer", end(errc::closed)}));
}

namespace {

/// Tells once that bytes have come, as an edge-triggered socket does, and knows when there are none.
class edge_stream final : public test_stream {
public:
    void arrive(std::string_view bytes) {
        bytes_ += bytes;
        may_read_ = true;
        readable_.notify();
    }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t) override {
        may_read_ = false;
        if (bytes_.empty())
            return errc::would_block;
        input.append(bytes_);
        return std::exchange(bytes_, {}).size();
    }
    bool drained() const noexcept override { return !may_read_; }
    result<std::size_t> try_write(bytes_view bytes) override { return bytes.size(); }

private:
    std::string bytes_;
    bool may_read_ = false;
};

boost::asio::awaitable<void> receive_around(std::shared_ptr<session> peer, event& between,
                                            std::vector<std::string>& seen) {
    for (int i = 0; i < 2; ++i) {
        const auto message = co_await peer->receive();
        seen.push_back(to_string(message.value()));
        if (i == 0)
            co_await between.wait();
    }
}

} // namespace

TEST_F(session_test, reads_what_was_announced_while_its_handler_waited_for_something_else) {
    auto transport = std::make_unique<edge_stream>();
    edge_stream& wire = *transport;
    event between;
    start(home, receive_around(session::create(home, std::move(transport), framing{short_frames()}), between, seen));
    run_ready(home);
    wire.arrive(frame("one"));
    run_ready(home);
    wire.arrive(frame("two"));
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{"one"});
    between.notify();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
}

TEST_F(session_test, does_not_take_a_second_receiver_in_debug_builds) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    const auto peer = make_session();
    start(home, note_messages(peer, seen));
    run_ready(home);
    EXPECT_DEBUG_DEATH(
        {
            start(home, note_messages(peer, seen));
            run_ready(home);
        },
        "one coroutine receives at a time");
}

} // namespace fairlead::test
