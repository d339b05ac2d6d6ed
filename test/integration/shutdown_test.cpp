#include "integration/support/client.hpp"
#include "integration/support/kept_port.hpp"
#include "integration/support/never_end.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/stopping.hpp"
#include "support/effort.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <future>
#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

TEST(stopping, from_another_thread_ends_run) {
    running_server server{raw{}, echo()};
    EXPECT_EQ(ask(server.where(), "x"), "x");
    EXPECT_EQ(server.stop(), 0);
}

TEST(stopping, twice_is_as_good_as_once) {
    running_server server{raw{}, echo()};
    server.server().stop();
    server.server().stop();
    EXPECT_EQ(server.wait(), 0);
    server.server().stop();
}

TEST(stopping, before_run_still_serves_who_waits_in_the_backlog) {
    expect_that_a_stop_serves_the_backlog("tcp://127.0.0.1:0");
}

TEST(stopping, from_a_handler_once_or_again_and_again_still_sends_its_reply) {
    for (const int times : {1, 100}) {
        self_stopping_server server{length_prefixed{}, times};
        EXPECT_EQ(ask(server.where(), frame("stop")), frame("last words"));
        EXPECT_EQ(server.wait(), 0);
    }
}

TEST(stopping, under_load_answers_all_that_had_been_sent_before) {
    std::string requests;
    for (int i = 0; i < 5'000; ++i)
        requests += frame("request " + std::to_string(i));
    running_server server{length_prefixed{}, echo()};
    client peer{server.where()};
    peer.write(requests);
    std::string replies = peer.read(1);
    server.server().stop();
    replies += peer.read_to_end();
    peer.end_writing();
    EXPECT_EQ(replies, requests);
    EXPECT_EQ(server.wait(), 0);
}

boost::asio::awaitable<void> wait_for_message(session& visitor, std::promise<error_code>& why_none) {
    visitor.send("ready");
    const auto message = co_await visitor.receive();
    why_none.set_value(message ? error_code{} : message.error());
}

TEST(stopping, tells_a_conversation_that_waits) {
    std::promise<error_code> told;
    const auto wait = [&told](session& visitor) { return wait_for_message(visitor, told); };
    running_server server{length_prefixed{}, wait};
    client peer{server.where()};
    EXPECT_EQ(peer.read(9), frame("ready"));
    server.server().stop();
    EXPECT_EQ(told.get_future().get(), errc::stopping);
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST(stopping, cuts_off_at_the_drain_deadline_what_does_not_end_and_says_so) {
    server_options options = test_options();
    options.limits.drain_timeout = std::chrono::milliseconds{50};
    running_server server{length_prefixed{}, never_end, options};
    client peer{server.where()};
    EXPECT_EQ(peer.read(9), frame("ready"));
    EXPECT_EQ(server.stop(), 3);
}

TEST(stopping, leaves_the_process_ready_for_the_next_server) {
    const kept_port port; // the same every time
    for (int i = 0; i < effort(100, 1'000); ++i) {
        running_server server{raw{}, echo(), test_options(), port.where()};
        EXPECT_EQ(ask(server.where(), "x"), "x");
        EXPECT_EQ(server.stop(), 0);
    }
}

} // namespace

} // namespace fairlead::test
