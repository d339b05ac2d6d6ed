#include "support/run.hpp"
#include "support/scripted_session.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> greet_by_name(session& peer) {
    peer.send("who are you?");
    while (const auto message = co_await peer.receive())
        peer.send("hello " + to_string(*message));
    peer.close();
}

boost::asio::awaitable<void> serve_own(handler& what, session& peer) {
    co_await what.serve(peer);
}

} // namespace

TEST(own_session, may_be_given_to_a_session_handler) {
    shard home;
    scripted_session peer{home, {"Ada", "Bob"}};
    handler what{greet_by_name};
    start(home, serve_own(what, peer));
    run_to_end(home);
    EXPECT_EQ(peer.sent, (std::vector<std::string>{"who are you?", "hello Ada", "hello Bob"}));
    EXPECT_EQ(peer.close_reason().by, closed_by::local);
    EXPECT_TRUE(peer.handle().expired());
}

TEST(own_session, may_be_given_to_a_message_handler) {
    shard home;
    scripted_session peer{home, {"one", "two"}};
    handler what{echo()};
    start(home, serve_own(what, peer));
    run_to_end(home);
    EXPECT_EQ(peer.sent, (std::vector<std::string>{"one", "two"}));
}

TEST(own_session, has_a_handle_that_is_safe_to_use) {
    const peer_handle none;
    EXPECT_TRUE(none.expired());
    EXPECT_EQ(none.send("x").error(), errc::closed);
    none.close();
}

} // namespace fairlead::test
