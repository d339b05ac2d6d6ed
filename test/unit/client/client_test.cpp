#include "support/client_fixture.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_test : public client_fixture {};

} // namespace

TEST(client_state, has_a_name_for_each_value) {
    EXPECT_EQ(to_string(client_state::connecting), "connecting");
    EXPECT_EQ(to_string(client_state::connected), "connected");
    EXPECT_EQ(to_string(client_state::backing_off), "backing_off");
    EXPECT_EQ(to_string(client_state::closed), "closed");
    EXPECT_EQ(to_string(client_state{99}), "unknown");
}

TEST_F(client_test, gives_replies_in_the_order_of_the_requests) {
    make();
    request("first");
    request("second");
    EXPECT_EQ(far.received(), frame("first") + frame("second"));
    reply("one");
    reply("two");
    EXPECT_EQ(seen, (replies{"one", "two"}));
}

TEST_F(client_test, writes_the_requests_of_one_turn_together) {
    make();
    for (const char* each : {"a", "b", "c"})
        start(home, ask(under_test, each, 1min, seen));
    run_ready(home);
    EXPECT_EQ(far.writes(), (std::vector<std::string>{frame("a") + frame("b") + frame("c")}));
}

TEST_F(client_test, finds_the_request_of_a_reply_by_its_id) {
    make({.id_of = first_character});
    request("1 first");
    request("2 second");
    reply("2 two");
    reply("1 one");
    EXPECT_EQ(seen, (replies{"2 two", "1 one"}));
}

TEST_F(client_test, refuses_an_id_that_is_open) {
    make({.id_of = first_character});
    request("1 first");
    request("1 second");
    EXPECT_EQ(seen, (replies{told(errc::malformed)}));
}

TEST_F(client_test, gives_messages_that_answer_nothing_to_whom_it_was_told) {
    replies others;
    make({.on_message = [&](bytes_view message) { others.push_back(to_string(message)); }});
    reply("news");
    request("question");
    reply("answer");
    EXPECT_EQ(others, (replies{"news"}));
    EXPECT_EQ(seen, (replies{"answer"}));
}

TEST_F(client_test, keeps_messages_until_there_is_a_connection) {
    dials_end = false;
    make();
    request("first");
    send("second");
    EXPECT_EQ(seen, replies{});
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("first") + frame("second"));
    EXPECT_EQ(seen, (replies{"sent"}));
}

TEST_F(client_test, says_that_nothing_was_sent_when_there_was_no_connection_in_time) {
    dials_end = false;
    make();
    request("late", 1s);
    pass(900ms);
    EXPECT_EQ(seen, replies{});
    pass(200ms);
    EXPECT_EQ(seen, (replies{told(errc::timed_out)}));
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), "");
}

TEST_F(client_test, bounds_what_waits_for_a_connection) {
    dials_end = false;
    make({.max_waiting = 10, .max_in_flight = 3});
    request("12345");
    send("12345");
    request("1");
    EXPECT_EQ(seen, (replies{told(errc::send_queue_full)}));
    request("");
    request("");
    request("");
    EXPECT_EQ(seen, (replies{told(errc::send_queue_full), told(errc::send_queue_full), told(errc::send_queue_full)}));
}

TEST_F(client_test, says_that_the_connection_was_lost_when_it_breaks_after_the_write) {
    make();
    request("question");
    break_connection();
    EXPECT_EQ(seen, (replies{told(errc::connection_lost)}));
}

TEST_F(client_test, does_not_repeat_what_was_written_and_keeps_what_was_not) {
    make();
    request("written");
    break_connection();
    request("waiting");
    pass(1'100ms);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(far.received(), frame("waiting"));
    reply("answer");
    EXPECT_EQ(seen, (replies{told(errc::connection_lost), "answer"}));
}

TEST_F(client_test, tells_a_sender_when_the_system_has_his_message) {
    make();
    far.read_at_most(3);
    send("message");
    EXPECT_EQ(seen, replies{});
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(seen, (replies{"sent"}));
}

TEST_F(client_test, tells_a_sender_that_the_connection_was_lost_when_it_breaks_in_his_message) {
    make();
    far.read_at_most(3);
    send("message");
    break_connection();
    EXPECT_EQ(seen, (replies{told(errc::connection_lost)}));
}

TEST_F(client_test, refuses_what_its_framing_cannot_carry) {
    make();
    request(std::string(1000, 'x'));
    EXPECT_EQ(seen, (replies{told(errc::message_too_large)}));
    request("short");
    reply("answer");
    EXPECT_EQ(seen.back(), "answer");
}

TEST_F(client_test, pauses_longer_each_time_it_is_refused) {
    refuse = error_code{ECONNREFUSED, boost::system::system_category()};
    make();
    EXPECT_EQ(attempts, 1);
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_EQ(under_test->last_error().value(), ECONNREFUSED);
    for (int second = 0; second < 60; ++second)
        pass(1s);
    EXPECT_GE(attempts, 1min / 5s) << "each pause is at most 4 s, and noticed a second later";
    refuse = {};
    pass(5s);
    EXPECT_EQ(under_test->state(), client_state::connected);
}

TEST_F(client_test, tells_each_change_of_its_state) {
    make();
    break_connection();
    pass(1'100ms);
    using enum client_state;
    EXPECT_EQ(states, (std::vector{connecting, connected, backing_off, connecting, connected}));
}

TEST_F(client_test, lets_callers_wait_until_it_is_connected) {
    dials_end = false;
    make();
    start(home, await_connected(under_test, 1s, seen));
    run_ready(home);
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::timed_out)}));
    start(home, await_connected(under_test, 1min, seen));
    run_ready(home);
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(seen.back(), "connected");
}

TEST_F(client_test, that_closes_sends_what_was_written_and_refuses_the_rest) {
    make();
    send("last");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_TRUE(far.ended());
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (replies{"sent", "closed"}));
    EXPECT_EQ(far.received(), frame("last"));
    request("too late");
    EXPECT_EQ(seen.back(), told(errc::closed));
    EXPECT_EQ(attempts, 1);
}

TEST_F(client_test, that_closes_while_it_connects_does_not_wait_for_the_attempt) {
    dials_end = false;
    make();
    request("waiting");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::closed), "closed"}));
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), "");
}

TEST_F(client_test, that_is_abandoned_lets_go_of_all_who_wait) {
    make();
    request("question");
    under_test->abandon();
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::connection_lost)}));
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(under_test->state(), client_state::closed);
}

TEST(client_options, that_contradict_each_other_are_refused) {
    shard home;
    const auto made = [&](client_options options) {
        const client refused{home, "tcp://127.0.0.1:1", length_prefixed{}, std::move(options)};
    };
    EXPECT_THROW(made({.reconnect = {.initial_delay = 2s, .max_delay = 1s}}), std::invalid_argument);
    EXPECT_THROW(made({.reconnect = {.initial_delay = -1ms}}), std::invalid_argument);
    EXPECT_THROW(made({.reconnect = {.reset_after = -1ms}}), std::invalid_argument);
    EXPECT_THROW(made({.max_in_flight = 0}), std::invalid_argument);
}

TEST_F(client_test, does_not_wait_with_a_limit_of_zero_or_less) {
    dials_end = false;
    make();
    for (const auto limit : {0ms, -5ms}) {
        request("late", limit);
        send("late", limit);
        start(home, await_connected(under_test, limit, seen));
        run_ready(home);
    }
    EXPECT_EQ(seen, replies(6, told(errc::timed_out)));
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), "") << "what is late is not sent";
}

TEST_F(client_test, ends_a_short_limit_when_it_has_passed) {
    make();
    request("question", 50ms);
    pass(50ms);
    EXPECT_EQ(seen, replies{told(errc::no_reply)}) << "coarse deadlines would end it up to 100 ms later";
}

TEST_F(client_test, ends_the_short_limit_of_who_waits_for_a_connection_when_it_has_passed) {
    dials_end = false;
    make();
    request("question", 50ms);
    send("message", 50ms);
    start(home, await_connected(under_test, 50ms, seen));
    run_ready(home);
    EXPECT_EQ(seen, replies{});
    pass(50ms);
    EXPECT_EQ(seen, replies(3, told(errc::timed_out)));
}

} // namespace fairlead::test
