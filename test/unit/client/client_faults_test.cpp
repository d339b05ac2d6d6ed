#include "support/client_fixture.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_faults_test : public client_fixture {};

// The same, but what begins with an exclamation mark has none, and that is found out the hard way.
std::string first_character_or_throw(bytes_view message) {
    if (message.text().starts_with('!'))
        throw std::out_of_range{"no id"};
    return first_character(message);
}

boost::asio::awaitable<void> ask_again_at_once(std::shared_ptr<client_connection> who, replies& seen) {
    for (const char* each : {"1", "2", "3"}) {
        const auto reply = co_await client_connection::request(who, each, 1min);
        seen.push_back(told(reply));
    }
}

boost::asio::awaitable<void> ask_and_abandon(std::shared_ptr<client_connection> who, replies& seen) {
    const auto reply = co_await client_connection::request(who, "last", 1min);
    who->abandon();
    seen.push_back(told(reply));
}

boost::asio::awaitable<void> ask_and_close(std::shared_ptr<client_connection> who, replies& seen) {
    const auto reply = co_await client_connection::request(who, "last", 1min);
    seen.push_back(told(reply));
    co_await client_connection::close(who);
    seen.push_back("closed");
}

} // namespace

// What a server sends must not be able to end the client: the exception ended the coroutine that reads.
TEST_F(client_faults_test, takes_a_message_whose_id_cannot_be_found_for_one_that_answers_nothing) {
    replies others;
    make({.id_of = first_character_or_throw,
          .on_message = [&](bytes_view message) { others.push_back(to_string(message)); }});
    request("1 question");
    reply("!garbage");
    reply("1 answer");
    EXPECT_EQ(others, (replies{"!garbage"}));
    EXPECT_EQ(seen, (replies{"1 answer"}));
}

TEST_F(client_faults_test, refuses_a_request_whose_id_cannot_be_found) {
    dials_end = false;
    make({.id_of = first_character_or_throw});
    request("!waiting");
    request("1 question");
    dials_end = true;
    dialled.notify();
    run_ready(home);
    request("!connected");
    EXPECT_EQ(seen, (replies{told(errc::malformed), told(errc::malformed)}));
    EXPECT_EQ(far.received(), frame("1 question"));
    reply("1 answer");
    EXPECT_EQ(seen.back(), "1 answer");
}

TEST_F(client_faults_test, finds_out_the_id_of_a_request_once) {
    int asked = 0;
    const auto count = [&](bytes_view message) {
        ++asked;
        return first_character(message);
    };
    make({.id_of = count});
    request("1 question");
    EXPECT_EQ(asked, 1) << "one that threw the second time would have been sent and reported as not sent";
}

TEST_F(client_faults_test, goes_on_after_callbacks_that_throw) {
    make({.on_message = [](bytes_view) { throw std::runtime_error{"on_message"}; }});
    reply("news");
    request("question");
    reply("answer");
    EXPECT_EQ(seen, (replies{"answer"}));
}

TEST_F(client_faults_test, tries_again_after_an_attempt_that_threw) {
    dial_throws = true;
    make();
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_TRUE(under_test->last_error());
    dial_throws = false;
    pass(1'100ms);
    EXPECT_EQ(under_test->state(), client_state::connected);
}

// Who destroys a client may have destroyed by then what its callbacks refer to.
TEST_F(client_faults_test, that_is_abandoned_calls_nobody_any_more) {
    make();
    request("question");
    under_test->abandon();
    states.clear();
    run_ready(home);
    EXPECT_EQ(under_test->state(), client_state::closed);
    EXPECT_EQ(states, std::vector<client_state>{});
}

TEST_F(client_faults_test, may_be_abandoned_whenever_it_tells_its_state) {
    using enum client_state;
    for (const client_state when : {connecting, connected, backing_off}) {
        abandon_in = when;
        refuse = when == backing_off ? error_code{ECONNREFUSED, boost::system::system_category()} : error_code{};
        states.clear();
        auto& made = make();
        request("question");
        EXPECT_EQ(made.state(), closed);
        EXPECT_EQ(states.back(), when);
        EXPECT_EQ(seen.back(), told(errc::closed));
    }
}

TEST_F(client_faults_test, may_be_abandoned_by_who_has_got_a_reply) {
    make();
    start(home, ask_and_abandon(under_test, seen));
    run_ready(home);
    request("second");
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_EQ(seen, (replies{"one", told(errc::connection_lost)}));
    EXPECT_EQ(under_test->state(), client_state::closed);
}

TEST_F(client_faults_test, may_be_closed_by_who_has_got_a_reply_and_by_others_at_once) {
    make();
    start(home, ask_and_close(under_test, seen));
    start(home, ask_and_close(under_test, seen));
    run_ready(home);
    far.send(frame("one") + frame("two"));
    run_ready(home);
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (replies{"one", told(errc::connection_lost), "closed", "closed"}));
}

TEST_F(client_faults_test, sends_the_next_request_of_who_has_got_a_reply) {
    make();
    start(home, ask_again_at_once(under_test, seen));
    run_ready(home);
    for (const char* each : {"a", "b", "c"})
        reply(each);
    EXPECT_EQ(seen, (replies{"a", "b", "c"}));
    EXPECT_EQ(far.received(), frame("1") + frame("2") + frame("3"));
}

TEST_F(client_faults_test, knows_empty_messages) {
    make();
    request("");
    send("");
    EXPECT_EQ(far.received(), frame("") + frame(""));
    reply("");
    EXPECT_EQ(seen, (replies{"sent", ""}));
}

// The system may take long for what a slow server does not read.
TEST_F(client_faults_test, tells_a_sender_after_his_limit_that_his_message_was_not_taken_in_time) {
    make();
    far.read_at_most(3);
    send("message", 1s);
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::no_reply)}));
    far.read_everything();
    run_ready(home);
    send("next", 1s);
    EXPECT_EQ(far.received(), frame("message") + frame("next"));
    EXPECT_EQ(seen.back(), "sent");
}

TEST_F(client_faults_test, tells_a_sender_nothing_of_the_connection_that_came_after_his) {
    make();
    far.read_at_most(3);
    send("message");
    break_connection();
    EXPECT_EQ(seen, (replies{told(errc::connection_lost)}));
    pass(1'100ms);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(far.received(), "");
}

// A peer that only reads no more lets writes fail while a read would wait for ever.
TEST_F(client_faults_test, gives_up_a_connection_on_which_it_cannot_send) {
    make();
    far.fail_operation(far.operations() + 1, error_code{EPIPE, boost::system::system_category()});
    request("lost");
    request("waiting");
    EXPECT_EQ(seen, (replies{told(errc::connection_lost)}));
    EXPECT_EQ(under_test->last_error().value(), EPIPE);
    pass(1'100ms);
    EXPECT_EQ(attempts, 2);
    reply("answer");
    EXPECT_EQ(seen.back(), "answer");
}

TEST_F(client_faults_test, bounds_how_many_messages_wait_however_small) {
    dials_end = false;
    make({.max_in_flight = 2});
    send("");
    send("");
    send("");
    EXPECT_EQ(seen, (replies{told(errc::send_queue_full)}));
}

TEST_F(client_faults_test, that_closes_while_it_pauses_does_not_wait) {
    refuse = error_code{ECONNREFUSED, boost::system::system_category()};
    make();
    request("waiting");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::closed), "closed"}));
}

TEST_F(client_faults_test, that_closes_tells_who_waits_for_a_connection_or_a_reply) {
    make();
    request("open");
    start(home, close(under_test, seen));
    run_ready(home);
    start(home, await_connected(under_test, 1min, seen));
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::connection_lost), told(errc::closed)}));
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::connection_lost), told(errc::closed), "closed", "closed"}));
}

TEST(client_at_the_end_of_its_shard, leaves_nothing_behind) {
    replies seen;
    std::weak_ptr<client_connection> left;
    {
        shard home;
        testkit::manual_clock clock{home};
        const auto connect_in_memory = [&home] { return in_memory(home); };
        auto made = std::make_shared<client_connection>(core_of(home), connect_in_memory, client_options{}, 1);
        made->start();
        start(home, ask(made, "open", 1min, seen));
        run_ready(home);
        left = made;
    }
    EXPECT_TRUE(left.expired());
    EXPECT_EQ(seen, replies{}) << "its caller was destroyed, not resumed";
}

TEST_F(client_faults_test, closes_a_connection_on_which_a_reply_came_that_no_request_waits_for) {
    make();
    const auto first = far;
    request("one");
    far.send(frame("reply to one") + frame("the same again"));
    run_ready(home);
    EXPECT_EQ(seen, replies{"reply to one"});
    EXPECT_TRUE(first.closed());
    pass(1s);
    request("two");
    reply("reply to two");
    EXPECT_EQ(seen.back(), "reply to two");
    EXPECT_EQ(attempts, 2);
}

TEST_F(client_faults_test, keeps_a_connection_on_which_messages_may_come_unasked) {
    std::vector<std::string> unasked;
    make({.on_message = [&](bytes_view message) { unasked.push_back(to_string(message)); }});
    request("one");
    far.send(frame("reply to one") + frame("news"));
    run_ready(home);
    EXPECT_EQ(unasked, std::vector<std::string>{"news"});
    EXPECT_EQ(attempts, 1);
}

} // namespace fairlead::test
