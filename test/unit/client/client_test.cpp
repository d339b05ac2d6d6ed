#include "client/client_connection.hpp"

#include "support/cancellable.hpp"
#include "support/effort.hpp"
#include "support/log_in.hpp"
#include "support/session_fixture.hpp"

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

using replies = std::vector<std::string>;

std::string told(const result<std::string>& outcome) {
    return outcome ? *outcome : "error: " + outcome.error().message();
}

std::string told(errc why) {
    return "error: " + make_error_code(why).message();
}

boost::asio::awaitable<void> ask(std::shared_ptr<client_connection> who, std::string message,
                                 std::chrono::milliseconds limit, replies& seen) {
    const auto reply = co_await client_connection::request(who, message, limit);
    seen.push_back(told(reply));
}

boost::asio::awaitable<void> tell(std::shared_ptr<client_connection> who, std::string message,
                                  std::chrono::milliseconds limit, replies& seen) {
    const auto sent = co_await client_connection::send(who, message, limit);
    seen.push_back(sent ? "sent" : told(result<std::string>{sent.error()}));
}

boost::asio::awaitable<void> await_connected(std::shared_ptr<client_connection> who, std::chrono::milliseconds limit,
                                             replies& seen) {
    const auto connected = co_await client_connection::connected(who, limit);
    seen.push_back(connected ? "connected" : told(result<std::string>{connected.error()}));
}

boost::asio::awaitable<void> close(std::shared_ptr<client_connection> who, replies& seen) {
    co_await client_connection::close(who);
    seen.push_back("closed");
}

boost::asio::awaitable<result<std::shared_ptr<session>>> in_memory(shard& home) {
    auto near = testkit::make_memory_stream(home).near;
    co_return session::create(home, std::move(near), framing{length_prefixed()});
}

// The id of a message is its first character.
std::string first_character(bytes_view message) {
    return to_string(message.first(1));
}

// The same, but what begins with an exclamation mark has none, and that is found out the hard way.
std::string first_character_or_throw(bytes_view message) {
    if (message.text().starts_with('!'))
        throw std::out_of_range{"no id"};
    return first_character(message);
}

std::string up_to_the_colon(bytes_view message) {
    return std::string{message.text().substr(0, message.text().find(':'))};
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

/// A client whose connections are streams in memory, made when the test allows one.
class client_test : public session_fixture {
protected:
    ~client_test() override {
        if (under_test) {
            under_test->abandon();
            run_ready(home);
        }
    }

    client_connection& make(client_options options = {}) {
        options.reconnect = pauses;
        options.on_state = [this](client_state now, error_code why) {
            states.push_back(now);
            whys.push_back(why);
            if (now == client_state::backing_off && on_backing_off)
                on_backing_off();
            if (now == abandon_in)
                under_test->abandon();
        };
        under_test = std::make_shared<client_connection>(
            core_of(home), [this] { return dial(); }, std::move(options), 7);
        under_test->start();
        run_ready(home);
        return *under_test;
    }

    boost::asio::awaitable<result<std::shared_ptr<session>>> dial() {
        ++attempts;
        while (!dials_end)
            co_await dialled.wait();
        if (dial_throws)
            throw std::runtime_error{"no dialling today"};
        if (refuse)
            co_return error_code{refuse};
        co_return make_session();
    }

    void request(const std::string& message, std::chrono::milliseconds limit = 1min) {
        start(home, ask(under_test, message, limit, seen));
        run_ready(home);
    }
    void send(const std::string& message, std::chrono::milliseconds limit = 1min) {
        start(home, tell(under_test, message, limit, seen));
        run_ready(home);
    }
    void break_connection() {
        far.fail(error_code{ECONNRESET, boost::system::system_category()});
        run_ready(home);
    }

    std::shared_ptr<client_connection> under_test;
    reconnect_options pauses{.initial_delay = 1s, .max_delay = 4s, .reset_after = 10s};
    std::vector<client_state> states;
    std::vector<error_code> whys; // of each
    std::function<void()> on_backing_off;
    std::optional<client_state> abandon_in;
    error_code refuse;
    bool dials_end = true;
    bool dial_throws = false;
    event dialled;
    int attempts = 0;
};

boost::asio::awaitable<void> ask_then_reconnect(std::shared_ptr<client_connection> on, replies& seen) {
    co_await ask(on, "question", 100ms, seen);
    on->reconnect_now();
}

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

TEST_F(client_test, never_gives_a_late_reply_to_the_next_caller) {
    make();
    request("slow", 1s);
    request("next", 1min);
    testkit::memory_peer first = far;
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::no_reply), told(errc::connection_lost)}));
    EXPECT_TRUE(first.closed());
    first.send(frame("late reply to slow"));
    request("again");
    pass(1'100ms);
    reply("right");
    EXPECT_EQ(seen.back(), "right");
    EXPECT_EQ(seen.size(), 3u);
}

TEST_F(client_test, with_ids_drops_a_late_reply_and_keeps_the_connection) {
    make({.id_of = first_character});
    request("1 slow", 1s);
    request("2 next", 1min);
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::no_reply)}));
    reply("1 late");
    reply("2 right");
    EXPECT_EQ(seen, (replies{told(errc::no_reply), "2 right"}));
    EXPECT_EQ(attempts, 1);
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

// --- what went wrong once, or could

// What a server sends must not be able to end the client: the exception ended the coroutine that reads.
TEST_F(client_test, takes_a_message_whose_id_cannot_be_found_for_one_that_answers_nothing) {
    replies others;
    make({.id_of = first_character_or_throw,
          .on_message = [&](bytes_view message) { others.push_back(to_string(message)); }});
    request("1 question");
    reply("!garbage");
    reply("1 answer");
    EXPECT_EQ(others, (replies{"!garbage"}));
    EXPECT_EQ(seen, (replies{"1 answer"}));
}

TEST_F(client_test, refuses_a_request_whose_id_cannot_be_found) {
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

TEST_F(client_test, finds_out_the_id_of_a_request_once) {
    int asked = 0;
    const auto count = [&](bytes_view message) {
        ++asked;
        return first_character(message);
    };
    make({.id_of = count});
    request("1 question");
    EXPECT_EQ(asked, 1) << "one that threw the second time would have been sent and reported as not sent";
}

TEST_F(client_test, goes_on_after_callbacks_that_throw) {
    make({.on_message = [](bytes_view) { throw std::runtime_error{"on_message"}; }});
    reply("news");
    request("question");
    reply("answer");
    EXPECT_EQ(seen, (replies{"answer"}));
}

TEST_F(client_test, tries_again_after_an_attempt_that_threw) {
    dial_throws = true;
    make();
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_TRUE(under_test->last_error());
    dial_throws = false;
    pass(1'100ms);
    EXPECT_EQ(under_test->state(), client_state::connected);
}

// Who destroys a client may have destroyed by then what its callbacks refer to.
TEST_F(client_test, that_is_abandoned_calls_nobody_any_more) {
    make();
    request("question");
    under_test->abandon();
    states.clear();
    run_ready(home);
    EXPECT_EQ(under_test->state(), client_state::closed);
    EXPECT_EQ(states, std::vector<client_state>{});
}

TEST_F(client_test, may_be_abandoned_whenever_it_tells_its_state) {
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

TEST_F(client_test, may_be_abandoned_by_who_has_got_a_reply) {
    make();
    start(home, ask_and_abandon(under_test, seen));
    run_ready(home);
    request("second");
    far.send(frame("one") + frame("two"));
    run_ready(home);
    EXPECT_EQ(seen, (replies{"one", told(errc::connection_lost)}));
    EXPECT_EQ(under_test->state(), client_state::closed);
}

TEST_F(client_test, may_be_closed_by_who_has_got_a_reply_and_by_others_at_once) {
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

TEST_F(client_test, sends_the_next_request_of_who_has_got_a_reply) {
    make();
    start(home, ask_again_at_once(under_test, seen));
    run_ready(home);
    for (const char* each : {"a", "b", "c"})
        reply(each);
    EXPECT_EQ(seen, (replies{"a", "b", "c"}));
    EXPECT_EQ(far.received(), frame("1") + frame("2") + frame("3"));
}

TEST_F(client_test, knows_empty_messages) {
    make();
    request("");
    send("");
    EXPECT_EQ(far.received(), frame("") + frame(""));
    reply("");
    EXPECT_EQ(seen, (replies{"sent", ""}));
}

// The system may take long for what a slow server does not read.
TEST_F(client_test, tells_a_sender_after_his_limit_that_his_message_was_not_taken_in_time) {
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

TEST_F(client_test, tells_a_sender_nothing_of_the_connection_that_came_after_his) {
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
TEST_F(client_test, gives_up_a_connection_on_which_it_cannot_send) {
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

TEST_F(client_test, bounds_how_many_messages_wait_however_small) {
    dials_end = false;
    make({.max_in_flight = 2});
    send("");
    send("");
    send("");
    EXPECT_EQ(seen, (replies{told(errc::send_queue_full)}));
}

// With ids the connection goes on after a reply that is late; its id must not be taken for that of another request.
TEST_F(client_test, refuses_an_id_whose_reply_is_late_until_it_has_come) {
    make({.id_of = first_character});
    request("1 slow", 1s);
    pass(1'100ms);
    request("1 next");
    EXPECT_EQ(seen.back(), told(errc::malformed));
    reply("1 late");
    request("1 again");
    reply("1 right");
    EXPECT_EQ(seen, (replies{told(errc::no_reply), told(errc::malformed), "1 right"}));
}

TEST_F(client_test, gives_up_a_connection_on_which_too_many_replies_are_late) {
    make({.max_in_flight = 2, .id_of = first_character});
    for (const char* each : {"1", "2"}) {
        request(each, 1s);
        pass(1'100ms);
    }
    EXPECT_FALSE(far.closed());
    request("3", 1s);
    pass(1'100ms);
    EXPECT_TRUE(far.closed());
}

TEST_F(client_test, that_closes_while_it_pauses_does_not_wait) {
    refuse = error_code{ECONNREFUSED, boost::system::system_category()};
    make();
    request("waiting");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, (replies{told(errc::closed), "closed"}));
}

TEST_F(client_test, that_closes_tells_who_waits_for_a_connection_or_a_reply) {
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

// Every request is answered in time, late, or never; nobody may get but his own.
TEST_F(client_test, never_gives_a_late_reply_to_another_however_many_are_late) {
    std::mt19937 random{4};
    make();
    int right = 0, unknown = 0;
    for (int i = 0; i < effort(5'000, 1'000'000); ++i) {
        const std::string question = std::to_string(i);
        request(question, 1s);
        testkit::memory_peer asked = far;
        const auto fate = random() % 3;
        if (fate == 0)
            reply(question);
        else
            pass(1'100ms);
        if (fate == 1)
            asked.send(frame(question));
        ASSERT_EQ(seen, (replies{fate == 0 ? question : told(errc::no_reply)}));
        ++(fate == 0 ? right : unknown);
        seen.clear();
        while (under_test->state() != client_state::connected)
            pass(1s);
    }
    EXPECT_EQ(attempts, unknown + 1);
    EXPECT_GT(right, 0);
}

TEST_F(client_test, with_ids_never_gives_a_late_reply_to_another_however_many_are_late) {
    std::mt19937 random{4};
    make({.id_of = up_to_the_colon});
    std::string late;
    int given_up = 0;
    for (int i = 0; i < effort(5'000, 1'000'000); ++i) {
        const std::string question = std::to_string(i) + ":";
        request(question, 1s);
        if (!late.empty())
            reply(std::exchange(late, ""));
        const auto fate = random() % 2;
        if (fate == 0) {
            reply(question + "!");
        } else {
            pass(1'100ms);
            late = question + "!";
            ++given_up;
        }
        ASSERT_EQ(seen, (replies{fate == 0 ? question + "!" : told(errc::no_reply)}));
        seen.clear();
    }
    EXPECT_GT(given_up, 0);
    EXPECT_EQ(attempts, 1);
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

TEST_F(client_test, does_not_send_a_request_that_is_cancelled_while_it_waits_for_a_connection) {
    dials_end = false;
    make();
    cancellable leaving{home};
    leaving.start(ask(under_test, "leaving", 1min, seen));
    request("staying");
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("staying"));
}

TEST_F(client_test, does_not_give_the_reply_of_a_cancelled_request_to_the_next) {
    make();
    cancellable leaving{home};
    leaving.start(ask(under_test, "leaving", 1min, seen));
    const auto first = far;
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    EXPECT_TRUE(first.closed()) << "replies come in order: the late one would be the next one's";
    request("next");
    pass(1s);
    reply("for the next");
    EXPECT_EQ(seen.back(), "for the next");
}

TEST_F(client_test, drops_the_late_reply_of_a_cancelled_request_that_has_an_id) {
    make({.id_of = first_character});
    cancellable leaving{home};
    leaving.start(ask(under_test, "1 leaving", 1min, seen));
    leaving.cancel();
    request("2");
    reply("1 late");
    reply("2 in time");
    EXPECT_EQ(seen, (replies{"error: " + aborted, "2 in time"}));
    EXPECT_EQ(attempts, 1) << "the connection was kept";
}

TEST_F(client_test, may_still_send_a_message_whose_caller_is_cancelled_while_it_is_written) {
    make();
    far.read_at_most(3);
    cancellable leaving{home};
    leaving.start(tell(under_test, "message", 1min, seen));
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("message"));
    EXPECT_EQ(attempts, 1) << "the connection was kept";
}

TEST_F(client_test, ends_the_wait_for_a_connection_that_is_cancelled) {
    dials_end = false;
    make();
    cancellable leaving{home};
    leaving.start(await_connected(under_test, 1min, seen));
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
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

TEST_F(client_test, closes_a_connection_on_which_a_reply_came_that_no_request_waits_for) {
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

TEST_F(client_test, keeps_a_connection_on_which_messages_may_come_unasked) {
    std::vector<std::string> unasked;
    make({.on_message = [&](bytes_view message) { unasked.push_back(to_string(message)); }});
    request("one");
    far.send(frame("reply to one") + frame("news"));
    run_ready(home);
    EXPECT_EQ(unasked, std::vector<std::string>{"news"});
    EXPECT_EQ(attempts, 1);
}

// --- limits to the moment

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

// --- logins

TEST_F(client_test, logs_in_on_each_connection_before_anything_else) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_EQ(under_test->state(), client_state::connecting);
    reply("welcome");
    EXPECT_EQ(under_test->state(), client_state::connected);
    EXPECT_EQ(far.received(), frame("ann") + frame("question"));
    break_connection();
    pass(1'100ms);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_EQ(under_test->state(), client_state::connecting);
}

TEST_F(client_test, keeps_messages_that_came_with_the_reply_to_its_login) {
    replies others;
    make({.connect = {.on_connected = log_in},
          .on_message = [&](bytes_view each) { others.push_back(to_string(each)); }});
    far.send(frame("welcome") + frame("news"));
    run_ready(home);
    EXPECT_EQ(others, replies{"news"});
}

TEST_F(client_test, whose_login_fails_pauses_and_tells_why) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    reply("go away");
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_EQ(under_test->last_error(), denied);
    EXPECT_EQ(whys.back(), denied);
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_TRUE(far.closed());
    pass(1'100ms);
    reply("welcome");
    EXPECT_EQ(far.received(), frame("ann") + frame("question"));
}

TEST_F(client_test, whose_login_never_fails_for_good_pauses_longer_each_time) {
    int logins = 0;
    const auto refuse_all = [&](session&) -> boost::asio::awaitable<result<void>> {
        ++logins;
        co_return denied;
    };
    make({.connect = {.on_connected = refuse_all}});
    for (int i = 0; i < 200; ++i)
        pass(100ms);
    EXPECT_LE(logins, 40) << "the mean pause becomes 2 s, and the longest 4 s";
    EXPECT_GE(logins, 20s / 4s);
}

TEST_F(client_test, whose_login_hangs_tries_again) {
    make({.connect = {.deadline = 2s, .on_connected = log_in}});
    pass(2'200ms);
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_EQ(under_test->last_error(), errc::login_timeout);
}

TEST_F(client_test, whose_login_throws_tries_again) {
    const auto throws = [](session&) -> boost::asio::awaitable<result<void>> {
        throw std::runtime_error{"no login today"};
        co_return result<void>{};
    };
    make({.connect = {.on_connected = throws}});
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_TRUE(under_test->last_error());
    EXPECT_TRUE(far.closed());
}

TEST_F(client_test, that_is_abandoned_while_it_logs_in_closes_the_connection) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    under_test->abandon();
    run_ready(home);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(seen, replies{told(errc::closed)});
    EXPECT_EQ(under_test->state(), client_state::closed);
}

TEST_F(client_test, that_is_abandoned_begins_no_login) {
    dials_end = false;
    make({.connect = {.on_connected = log_in}});
    under_test->abandon();
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), "");
}

TEST_F(client_test, that_closes_while_it_logs_in_does_not_wait_for_the_server) {
    make({.connect = {.on_connected = log_in}});
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, replies{"closed"});
    EXPECT_TRUE(far.closed());
}

TEST_F(client_test, that_closes_after_its_login_sends_what_was_written) {
    make({.connect = {.on_connected = log_in}});
    reply("welcome");
    send("last");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed());
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (replies{"sent", "closed"}));
    EXPECT_EQ(far.received(), frame("ann") + frame("last"));
}

TEST(client_at_the_end_of_its_shard, leaves_nothing_of_a_login_behind) {
    std::weak_ptr<client_connection> left;
    bool began = false, resumed = false;
    {
        shard home;
        testkit::manual_clock clock{home};
        const auto connect_in_memory = [&home] { return in_memory(home); };
        client_options options;
        options.connect.on_connected = [&](session& server) -> boost::asio::awaitable<result<void>> {
            began = true;
            co_await server.receive();
            resumed = true;
            co_return result<void>{};
        };
        auto made = std::make_shared<client_connection>(core_of(home), connect_in_memory, options, 1);
        made->start();
        run_ready(home);
        left = made;
    }
    EXPECT_TRUE(began);
    EXPECT_FALSE(resumed);
    EXPECT_TRUE(left.expired());
}

// --- shorter pauses

/// A client that is refused again and again, and pauses for long.
class client_in_a_long_pause : public client_test {
protected:
    client_in_a_long_pause() {
        refuse = error_code{ECONNREFUSED, boost::system::system_category()};
        pauses = {.initial_delay = 1s, .max_delay = 1h, .reset_after = 10s};
        make();
        for (int i = 0; i < 1'000 && attempts < 12; ++i)
            pass(1min);
        before = attempts; // the next pause lasts up to 2'048 s
    }

    void pass_slowly(std::chrono::milliseconds duration) {
        for (auto passed = 0ms; passed < duration; passed += 50ms)
            pass(50ms);
    }

    int before = 0;
};

TEST_F(client_in_a_long_pause, goes_on_with_it_while_nobody_calls) {
    pass_slowly(5s);
    EXPECT_EQ(attempts, before);
    EXPECT_EQ(under_test->state(), client_state::backing_off);
}

TEST_F(client_in_a_long_pause, connects_at_once_when_it_is_told_to) {
    refuse = {};
    under_test->reconnect_now();
    EXPECT_EQ(attempts, before) << "not inside the call";
    run_ready(home);
    EXPECT_EQ(attempts, before + 1);
    EXPECT_EQ(under_test->state(), client_state::connected);
    under_test->reconnect_now();
    run_ready(home);
    EXPECT_EQ(attempts, before + 1) << "no effect while it is connected";
}

TEST_F(client_in_a_long_pause, may_be_told_to_connect_when_it_tells_that_it_pauses) {
    on_backing_off = [this] {
        if (attempts == before + 1)
            under_test->reconnect_now();
    };
    under_test->reconnect_now();
    run_ready(home);
    EXPECT_EQ(attempts, before + 2);
}

TEST_F(client_test, connects_at_once_when_it_is_told_to_after_a_reply_that_did_not_come) {
    make();
    const int before = attempts;
    start(home, ask_then_reconnect(under_test, seen));
    run_ready(home);
    pass(150ms); // the request ends, and so does its connection
    EXPECT_EQ(seen, replies{told(errc::no_reply)});
    EXPECT_EQ(attempts, before + 1);
}

TEST_F(client_in_a_long_pause, connects_at_once_for_a_request) {
    pass_slowly(2s);
    refuse = {};
    request("question");
    EXPECT_EQ(attempts, before + 1);
    reply("answer");
    EXPECT_EQ(seen, replies{"answer"});
}

TEST_F(client_in_a_long_pause, connects_at_once_for_who_waits_for_a_connection) {
    pass_slowly(2s);
    refuse = {};
    start(home, await_connected(under_test, 1min, seen));
    run_ready(home);
    EXPECT_EQ(seen, replies{"connected"});
}

TEST_F(client_in_a_long_pause, does_not_connect_for_who_does_not_wait) {
    pass_slowly(2s);
    request("question", 0ms);
    start(home, await_connected(under_test, 0ms, seen));
    run_ready(home);
    EXPECT_EQ(attempts, before);
}

TEST_F(client_in_a_long_pause, lets_the_first_delay_pass_between_attempts_however_many_requests_there_are) {
    pass_slowly(2s);
    for (int i = 0; i < 200; ++i) { // 10 s
        request("question", 100ms);
        pass(50ms);
    }
    EXPECT_GE(attempts, before + 9);
    EXPECT_LE(attempts, before + 11);
}

TEST_F(client_in_a_long_pause, connects_after_the_first_delay_for_a_request_made_before) {
    pass_slowly(2s);
    under_test->reconnect_now();
    run_ready(home);
    ASSERT_EQ(attempts, before + 1); // and a new pause has begun
    request("question");
    pass_slowly(900ms);
    EXPECT_EQ(attempts, before + 1);
    pass_slowly(200ms);
    EXPECT_EQ(attempts, before + 2);
}

} // namespace fairlead::test
