#include "support/cancellable.hpp"
#include "support/session_fixture.hpp"

#include <boost/system/errc.hpp>

using namespace std::literals;

namespace fairlead::test {

namespace {

class session_stopping : public session_fixture {
protected:
    static boost::asio::awaitable<void> send_ticks(std::shared_ptr<session> peer) {
        while (!peer->stopping()) {
            peer->send("tick");
            co_await peer->shard().sleep_for(1s);
        }
        co_await peer->close_gracefully();
    }

    static boost::asio::awaitable<void> note_end(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
        const auto why = co_await peer->ended();
        seen.push_back(why.message());
    }
};

} // namespace

TEST_F(session_stopping, begins_with_a_drain) {
    auto peer = make_session();
    EXPECT_FALSE(peer->stopping());
    peer->drain();
    EXPECT_TRUE(peer->stopping());
}

TEST_F(session_stopping, begins_with_a_drain_also_after_the_peer_has_ended_its_side) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::closed)});
    EXPECT_FALSE(peer->stopping()) << "the peer may still read";
    peer->drain();
    EXPECT_TRUE(peer->stopping());
}

TEST_F(session_stopping, begins_when_nothing_can_be_sent_any_more) {
    auto closed = make_session();
    closed->close();
    EXPECT_TRUE(closed->stopping());
    auto aborted = make_session();
    aborted->abort(errc::malformed);
    EXPECT_TRUE(aborted->stopping());
    auto failed = make_session();
    far.fail_operation(1, boost::system::errc::make_error_code(boost::system::errc::broken_pipe));
    EXPECT_FALSE(failed->stopping());
    failed->send("x");
    run_ready(home);
    EXPECT_TRUE(failed->stopping());
}

TEST_F(session_stopping, ends_a_handler_that_only_sends) {
    auto peer = make_session({.linger_timeout = 0s});
    start(home, send_ticks(peer));
    run_ready(home);
    clock.advance(1s);
    run_ready(home);
    EXPECT_EQ(far.received(), frame("tick") + frame("tick"));
    peer->drain();
    clock.advance(1s);
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("tick") + frame("tick"));
    EXPECT_TRUE(far.closed());
}

TEST_F(session_stopping, ended_drops_the_messages_before_the_end_and_tells_the_reason) {
    auto peer = make_session();
    start(home, note_end(peer, seen));
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_TRUE(seen.empty());
    far.send(frame("three"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::closed).message()});
    EXPECT_EQ(core_of(home).counters().messages_in.value(), 3u);
}

TEST_F(session_stopping, ended_does_not_ask_for_a_first_message) {
    auto peer = make_session({.first_message_timeout = 1s, .idle_timeout = 5s});
    start(home, note_end(peer, seen));
    run_ready(home);
    clock.advance(4s);
    run_ready(home);
    peer->send("a byte of either side");
    run_ready(home);
    clock.advance(4s);
    run_ready(home);
    EXPECT_TRUE(seen.empty());
    clock.advance(1200ms);
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::idle_timeout).message()});
}

TEST_F(session_stopping, ended_returns_when_the_server_stops) {
    auto peer = make_session();
    start(home, note_end(peer, seen));
    run_ready(home);
    peer->drain();
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::stopping).message()});
}

TEST_F(session_stopping, ended_returns_when_it_is_cancelled_and_takes_no_message_with_it) {
    auto peer = make_session();
    cancellable waiting{home};
    waiting.start(note_end(peer, seen));
    waiting.cancel();
    EXPECT_EQ(seen, std::vector<std::string>{aborted});
    start(home, note_messages(peer, seen));
    far.send(frame("one"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{aborted, "one", end(errc::closed)}));
}

} // namespace fairlead::test
