#include "support/session_fixture.hpp"
#include "support/test_stream.hpp"

using namespace std::literals;

namespace fairlead::test {

using session_end = session_fixture;

TEST_F(session_end, closes_only_after_the_peer_has_ended_its_side_so_that_it_gets_the_last_bytes) {
    auto peer = make_session();
    far.send("bytes that nobody reads");
    peer->send("farewell");
    start(home, finish_session(peer));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("farewell"));
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed()) << "closing with unread input would reset the connection";
    far.send("more of it");
    far.end();
    run_to_end(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, does_not_wait_longer_than_the_linger_limit_for_the_peer_to_end) {
    start(home, finish_session(make_session({.linger_timeout = 2s})));
    run_ready(home);
    clock.advance(2s);
    EXPECT_FALSE(far.closed());
    clock.advance(100ms);
    run_to_end(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, gives_up_on_a_peer_that_goes_on_sending_without_end) {
    start(home, finish_session(make_session({.linger_timeout = std::chrono::hours{1}})));
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 20; ++i)
        far.send(block);
    run_to_end(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, closes_without_waiting_once_the_peer_has_ended_and_has_all_that_was_queued) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    far.end();
    run_to_end(home);
    peer->send("farewell");
    EXPECT_TRUE(peer->close_without_waiting());
    EXPECT_EQ(far.received(), frame("farewell"));
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, does_not_close_without_waiting_while_bytes_are_queued) {
    auto peer = make_session();
    far.read_at_most(3);
    start(home, note_messages(peer, seen));
    far.end();
    run_to_end(home);
    peer->send("farewell");
    EXPECT_FALSE(peer->close_without_waiting());
    EXPECT_FALSE(far.ended());
    start(home, finish_session(peer));
    far.read_everything();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("farewell"));
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, does_not_close_without_waiting_while_the_peer_may_send) {
    auto peer = make_session();
    EXPECT_FALSE(peer->close_without_waiting());
    EXPECT_FALSE(far.closed());
    far.end();
    start(home, finish_session(peer));
    run_to_end(home);
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, closes_without_waiting_for_a_peer_that_may_send_if_nobody_lingers) {
    auto peer = make_session({.linger_timeout = 0s});
    EXPECT_TRUE(peer->close_without_waiting());
    EXPECT_TRUE(far.closed());
}

TEST_F(session_end, closes_without_waiting_after_a_failure) {
    auto peer = make_session();
    peer->send("will not leave");
    peer->abort(errc::stopping);
    EXPECT_TRUE(peer->close_without_waiting());
    EXPECT_EQ(far.received(), "");
    EXPECT_EQ(peer->close_reason().code, errc::stopping);
}

namespace {

/// A stream whose peer has ended, and that writes a farewell of its own when it is shut down.
class farewell_stream final : public test_stream, private event::waiter {
public:
    ~farewell_stream() override { writable_.remove(*this); }
    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::closed; }
    result<std::size_t> try_write(bytes_view bytes) override { return bytes.size(); }
    void shutdown() noexcept override {
        ++farewells;
        writable_.add(*this);
    }
    void close() noexcept override { closed = true; }

    void take_farewell() { writable_.notify(); }

    int farewells = 0;
    bool closed = false;

private:
    void leave(bool) override {}
};

boost::asio::awaitable<void> shut_down_then_close(std::shared_ptr<session> peer) {
    co_await peer->shutdown();
    co_await peer->close_gracefully();
}

class session_with_farewell : public session_fixture {
protected:
    std::shared_ptr<session> make_session_with_farewell() {
        auto transport = std::make_unique<farewell_stream>();
        wire = transport.get();
        return session::create(home, std::move(transport), framing{short_frames()});
    }

    farewell_stream* wire = nullptr; // lives as long as the session
};

} // namespace

TEST_F(session_with_farewell, waits_for_the_farewell_of_a_stream_whose_peer_has_ended) {
    const auto peer = make_session_with_farewell();
    start(home, echo_messages(peer));
    run_ready(home);
    EXPECT_EQ(wire->farewells, 1);
    EXPECT_FALSE(wire->closed);
    wire->take_farewell();
    run_to_end(home);
    EXPECT_TRUE(wire->closed);
    EXPECT_EQ(wire->farewells, 1);
}

TEST_F(session_with_farewell, asks_for_one_farewell_also_after_a_shutdown) {
    const auto peer = make_session_with_farewell();
    start(home, shut_down_then_close(peer));
    run_ready(home);
    wire->take_farewell();
    run_to_end(home);
    EXPECT_TRUE(wire->closed);
    EXPECT_EQ(wire->farewells, 1);
}

TEST_F(session_end, close_wakes_the_handler_that_waits_and_sends_what_is_queued) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    run_ready(home);
    peer->send("queued");
    peer->close();
    EXPECT_EQ(peer->send("late").error(), errc::closed);
    EXPECT_TRUE(seen.empty()) << "the handler is resumed in a turn of its own";
    start(home, finish_session(peer));
    far.end();
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::closed)});
    EXPECT_EQ(far.received(), frame("queued"));
}

TEST_F(session_end, stop_lets_what_has_arrived_be_answered) {
    auto peer = make_session();
    far.send(frame("one") + frame("two") + "\5hal"s);
    start(home, echo_messages(peer));
    peer->drain();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("one") + frame("two"));
    EXPECT_EQ(peer->close_reason().code, errc::stopping);
    EXPECT_TRUE(far.ended());
    far.end();
    run_to_end(home);
}

TEST_F(session_end, stop_ends_a_wait_for_a_peer_that_says_nothing) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    run_ready(home);
    peer->drain();
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::stopping)});
}

TEST_F(session_end, stop_answers_what_has_arrived_also_from_a_peer_that_reads_slowly) {
    auto peer = make_session({.write_high_watermark = 1});
    far.read_at_most(0);
    far.send(frame("one") + frame("two"));
    start(home, echo_messages(peer));
    run_ready(home);
    peer->drain();
    run_ready(home);
    EXPECT_FALSE(far.ended());
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(peer->close_reason().code, errc::stopping);
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("one") + frame("two"));
}

TEST_F(session_end, abort_closes_at_once_and_ends_every_wait) {
    auto peer = make_session();
    far.read_at_most(0);
    start(home, note_messages(peer, seen));
    run_ready(home);
    peer->send("will not leave");
    peer->abort(errc::stopping);
    EXPECT_TRUE(far.closed());
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::stopping)});
    EXPECT_EQ(far.received(), "");
}

// Whatever operation fails, the coroutine ends, the error is told, and what was received before was answered whole.
TEST_F(session_end, survives_a_failure_of_any_operation) {
    const error_code reset = boost::system::errc::make_error_code(boost::system::errc::connection_reset);
    std::size_t failing = 1;
    for (bool reached = true; reached; ++failing) {
        auto peer = make_session();
        far.fail_operation(failing, reset);
        far.read_at_most(7);
        start(home, echo_messages(peer));
        far.send(frame("one") + frame("two"));
        run_ready(home);
        far.read_everything();
        far.send(frame("three"));
        far.end();
        run_to_end(home);
        reached = far.operations() >= failing;
        EXPECT_TRUE(far.closed()) << "operation " << failing;
        EXPECT_TRUE(peer->close_reason().code) << "operation " << failing;
        EXPECT_TRUE((frame("one") + frame("two") + frame("three")).starts_with(far.received()));
    }
    EXPECT_GT(failing, 6U);
}

TEST_F(session_end, destroys_a_waiting_session_with_its_shard) {
    auto own = std::make_unique<shard>();
    auto connection = testkit::make_memory_stream(*own);
    start(*own, echo_messages(session::create(*own, std::move(connection.near), framing{short_frames()})));
    run_ready(*own);
    EXPECT_FALSE(connection.far.closed());
    own.reset();
    EXPECT_TRUE(connection.far.closed());
}

TEST_F(session_end, two_sessions_talk_to_each_other) {
    auto [left, right] = testkit::make_memory_streams(home);
    auto server = session::create(home, std::move(left), framing{short_frames()});
    auto client = session::create(home, std::move(right), framing{short_frames()});
    start(home, echo_messages(server));
    client->send("ping");
    start(home, [](std::shared_ptr<session> s, std::vector<std::string>& out) -> boost::asio::awaitable<void> {
        const auto reply = co_await s->receive();
        out.push_back(to_string(reply.value()));
        co_await s->close_gracefully();
    }(client, seen));
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{"ping"});
    EXPECT_EQ(server->close_reason().code, errc::closed);
}

} // namespace fairlead::test
