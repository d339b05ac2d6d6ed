#include "support/session_fixture.hpp"

using namespace std::literals;

namespace fairlead::test {

namespace {

/// `receive` with a time limit; a tick is 50 ms.
class receive_limit : public session_fixture {
protected:
    using lines = std::vector<std::string>;

    static boost::asio::awaitable<void> receive(std::shared_ptr<session> peer, std::chrono::milliseconds limit,
                                                lines& seen) {
        const auto message = co_await peer->receive(limit);
        seen.push_back(message ? to_string(*message) : message.error().message());
    }

    static boost::asio::awaitable<void> receive_again_and_again(std::shared_ptr<session> peer,
                                                                std::chrono::milliseconds limit, lines& seen) {
        for (;;) {
            const auto message = co_await peer->receive(limit);
            seen.push_back(message ? to_string(*message) : message.error().message());
            if (!message && message.error() != errc::timed_out)
                co_return;
        }
    }

    const std::string timed_out = make_error_code(errc::timed_out).message();
};

} // namespace

TEST_F(receive_limit, gives_a_message_that_comes_in_time) {
    start(home, receive(make_session(), 1s, seen));
    run_ready(home);
    far.send("\3o");
    pass(900ms);
    far.send("ne");
    run_ready(home);
    EXPECT_EQ(seen, lines{"one"});
    pass(2s);
    EXPECT_EQ(seen.size(), 1u);
}

TEST_F(receive_limit, is_never_early_and_lets_the_session_go_on) {
    const auto peer = make_session();
    start(home, receive(peer, 1s, seen));
    run_ready(home);
    far.send("\3o");
    pass(950ms);
    EXPECT_EQ(seen, lines{});
    pass(50ms);
    EXPECT_EQ(seen, lines{timed_out});
    EXPECT_FALSE(peer->close_reason());
    far.send("ne");
    start(home, receive(peer, 1s, seen));
    run_ready(home);
    EXPECT_EQ(seen, (lines{timed_out, "one"}));
}

TEST_F(receive_limit, takes_what_came_together_with_its_end) {
    start(home, receive(make_session(), 1s, seen));
    run_ready(home);
    far.send(frame("just in time"));
    pass(1200ms);
    EXPECT_EQ(seen, lines{"just in time"});
}

TEST_F(receive_limit, of_zero_or_less_looks_once) {
    const auto peer = make_session();
    far.send(frame("one") + frame("two"));
    for (const auto limit : {0ms, -5ms, 0ms})
        start(home, receive(peer, limit, seen));
    run_to_end(home);
    EXPECT_EQ(seen, (lines{"one", "two", timed_out}));
}

TEST_F(receive_limit, of_zero_lets_others_have_their_turn_and_misses_nothing) {
    const auto peer = make_session();
    std::string flood;
    for (int i = 0; i < 5'000; ++i)
        flood += frame("m");
    far.send(flood);
    far.end();
    start(home, receive_again_and_again(peer, 1s, seen));
    run_to_end(home);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "m"), 5'000);
    EXPECT_EQ(seen.back(), make_error_code(errc::closed).message());
}

TEST_F(receive_limit, ends_with_the_session) {
    const auto peer = make_session();
    start(home, receive(peer, 1h, seen));
    run_ready(home);
    peer->drain();
    run_to_end(home);
    EXPECT_EQ(seen, lines{make_error_code(errc::stopping).message()});
}

TEST_F(receive_limit, does_not_put_off_the_deadlines_of_a_silent_peer) {
    const auto peer = make_session({.first_message_timeout = 0s, .idle_timeout = 5s});
    far.send(frame("hello"));
    start(home, receive_again_and_again(peer, 1s, seen));
    run_ready(home);
    for (int i = 0; i < 80; ++i)
        pass(100ms);
    EXPECT_EQ(peer->close_reason().code, errc::idle_timeout);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), timed_out), 5);
}

TEST_F(receive_limit, does_not_put_off_the_deadline_of_a_message_that_drips) {
    const auto peer = make_session({.message_timeout = 3s});
    start(home, receive_again_and_again(peer, 1s, seen));
    far.send(frame("hello") + "\x7f");
    run_ready(home);
    for (int i = 0; i < 40; ++i) {
        far.send("x");
        pass(100ms);
    }
    EXPECT_EQ(peer->close_reason().code, errc::message_timeout);
}

TEST_F(receive_limit, is_forgotten_with_its_coroutine) {
    {
        shard other;
        auto connection = testkit::make_memory_stream(other);
        start(other, receive(session::create(other, std::move(connection.near), framing{short_frames()}), 1s, seen));
        run_ready(other);
    }
    EXPECT_EQ(seen, lines{}) << "sanitizers tell whether its shard still knows it";
}

} // namespace fairlead::test
