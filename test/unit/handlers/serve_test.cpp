#include "support/session_fixture.hpp"

#include <stdexcept>

namespace fairlead::test {

using handler_test = session_fixture;

boost::asio::awaitable<void> serve(handler what, std::shared_ptr<session> peer) {
    co_await what.serve(*peer);
    co_await peer->finish();
}

boost::asio::awaitable<void> greet(session& peer) {
    peer.send("who are you?");
    while (const auto message = co_await peer.receive())
        peer.send("hello " + to_string(*message));
}

TEST_F(handler_test, calls_a_message_handler_once_for_every_message) {
    auto count = [calls = 0](bytes_view, peer& from) mutable { from.send(std::to_string(++calls)); };
    start(home, serve(handler{count}, make_session()));
    far.send(frame("a") + frame("b"));
    far.send(frame("c"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("1") + frame("2") + frame("3"));
}

TEST_F(handler_test, gives_each_session_a_copy_of_its_own) {
    const handler shared{[calls = 0](bytes_view, peer& from) mutable { from.send(std::to_string(++calls)); }};
    for (int i = 0; i < 2; ++i) {
        start(home, serve(shared, make_session()));
        far.send(frame("a"));
        far.end();
        run_to_end(home);
        EXPECT_EQ(far.received(), frame("1"));
    }
}

TEST_F(handler_test, lets_a_conversation_speak_first) {
    start(home, serve(handler{greet}, make_session()));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("who are you?"));
    far.send(frame("Ada"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("who are you?") + frame("hello Ada"));
}

TEST_F(handler_test, stops_calling_a_message_handler_that_closed_the_connection) {
    start(home, serve(handler{[](bytes_view message, peer& from) {
                          from.send(message);
                          from.close();
                      }},
                      make_session()));
    far.send(frame("first") + frame("second"));
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("first"));
}

} // namespace fairlead::test
