#include "support/layer_counts.hpp"
#include "support/recording_peer.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/filtered.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

using namespace std::literals;

// Passes all but "drop", "close", "ask", which is answered here, and "throw".
verdict decide_by_text(bytes_view message, peer& from) {
    if (message == "throw")
        throw std::runtime_error{"the filter failed"};
    if (message == "ask")
        from.send("answered");
    if (message == "close")
        return verdict::close;
    return message == "drop" || message == "ask" ? verdict::drop : verdict::pass;
}

boost::asio::awaitable<void> echo_session(session& peer) {
    while (const auto message = co_await peer.receive())
        peer.send(*message);
    peer.send("bye");
}

// Answers all that has arrived by one message.
boost::asio::awaitable<void> join_arrived(session& peer) {
    while (const auto message = co_await peer.receive()) {
        std::string all = to_string(*message);
        while (const auto next = peer.try_receive())
            all += "+" + to_string(*next);
        peer.send(all);
    }
}

boost::asio::awaitable<void> count_timeouts(session& peer) {
    for (int passed = 0;;) {
        const auto message = co_await peer.receive(1s);
        if (!message && message.error() != errc::timed_out)
            co_return;
        peer.send(message ? to_string(*message) : "timeout " + std::to_string(++passed));
    }
}

boost::asio::awaitable<void> ask_once_more_without_a_wait(session& peer) {
    co_await peer.receive();
    const auto message = co_await peer.receive(0ms);
    if (!message && message.error() == errc::timed_out)
        peer.send("nothing yet");
}

/// Puts its name before each message that it passes on: it answers with the name, and drops nothing.
handler named(const std::string& name, handler inner) {
    const auto say = [name](bytes_view, peer& from) {
        from.send(name);
        return verdict::pass;
    };
    return filtered(say, std::move(inner));
}

} // namespace

TEST(filtered, passes_drops_answers_and_closes_for_a_message_handler) {
    layer_counts counts{"filtered"};
    testkit::served near{line{}, filtered(decide_by_text, echo(), {&counts.in, "test"})};
    EXPECT_EQ(near.take("a\ndrop\nask\nb\n"), "a\nanswered\nb\n");
    EXPECT_EQ(near.take("close\nc\n"), "");
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(near.close_reason().by, closed_by::local);
    EXPECT_EQ(counts.messages("passed"), 2u);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    EXPECT_EQ(counts.messages("closed"), 1u);
}

TEST(filtered, passes_drops_answers_and_closes_for_a_session_handler) {
    layer_counts counts{"filtered"};
    testkit::served near{line{}, filtered(decide_by_text, echo_session, {&counts.in, "test"})};
    EXPECT_EQ(near.take("a\ndrop\nask\nb\n"), "a\nanswered\nb\n");
    EXPECT_EQ(near.take("close\nc\n"), "") << "after `close` nothing can be sent";
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(counts.messages("passed"), 2u);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    EXPECT_EQ(counts.messages("closed"), 1u);
}

TEST(filtered, filters_what_try_receive_returns) {
    testkit::served near{line{}, filtered(decide_by_text, join_arrived)};
    EXPECT_EQ(near.take("a\ndrop\nb\nc\n"), "a+b+c\n");
}

TEST(filtered, keeps_the_time_limit_of_a_receive_however_many_messages_it_drops) {
    testkit::served near{line{}, filtered(decide_by_text, count_timeouts)};
    for (int half = 0; half < 3; ++half) {
        EXPECT_EQ(near.take("drop\n"), half == 2 ? "timeout 1\n" : "");
        near.advance(500ms);
    }
    near.advance(500ms);
    EXPECT_EQ(near.take(), "timeout 2\n");
    EXPECT_EQ(near.take("a\n"), "a\n");
}

TEST(filtered, keeps_that_limit_while_more_messages_are_there_than_it_can_drop) {
    layer_counts counts{"filtered"};
    testkit::served near{line{}, filtered(decide_by_text, handler{ask_once_more_without_a_wait}, {&counts.in, "test"})};
    std::string flood = "go\n";
    for (int i = 0; i < 1'000; ++i)
        flood += "drop\n";
    EXPECT_EQ(near.take(flood), "nothing yet\n");
    EXPECT_EQ(counts.messages("dropped"), 1u);
}

TEST(filtered, passes_on_the_exception_of_a_filter) {
    for (const handler& inner : {handler{echo()}, handler{echo_session}}) {
        testkit::served near{line{}, filtered(decide_by_text, inner)};
        EXPECT_THROW(near.take("throw\n"), std::runtime_error);
        EXPECT_TRUE(near.ended());
    }
}

TEST(filtered, ends_with_the_reason_of_the_session) {
    testkit::served near{line{}, filtered(decide_by_text, echo_session)};
    near.take("a\n");
    near.stop();
    EXPECT_EQ(near.take(), "bye\n");
    EXPECT_EQ(near.close_reason().by, closed_by::stop);
}

TEST(filtered, gives_each_session_a_filter_of_its_own) {
    const auto only_first = [seen = 0](bytes_view, peer&) mutable {
        return ++seen == 1 ? verdict::pass : verdict::drop;
    };
    for (const handler& inner : {handler{echo()}, handler{echo_session}}) {
        const handler once = filtered(only_first, inner);
        testkit::served one{line{}, once};
        testkit::served other{line{}, once};
        EXPECT_EQ(one.take("a\nb\n"), "a\n");
        EXPECT_EQ(other.take("c\nd\n"), "c\n");
    }
}

TEST(layers, are_asked_from_the_outermost_to_the_innermost) {
    for (const handler& inner : {handler{echo()}, handler{echo_session}}) {
        testkit::served near{line{}, named("outer", named("inner", inner))};
        EXPECT_EQ(near.take("a\n"), "outer\ninner\na\n");
        testkit::served dropping{line{}, named("outer", filtered(decide_by_text, named("inner", inner)))};
        EXPECT_EQ(dropping.take("drop\n"), "outer\n");
    }
}

TEST(layers, keep_the_form_of_a_message_handler_for_datagrams) {
    handler each = named("outer", filtered(decide_by_text, echo()));
    ASSERT_NE(each.per_datagram(), nullptr);
    recording_peer from;
    for (const char* const message : {"a", "drop", "close", "b"})
        (*each.per_datagram())(message, from);
    EXPECT_EQ(from.sent, (std::vector<std::string>{"outer", "a", "outer", "outer", "outer", "b"}));
    EXPECT_EQ(filtered(decide_by_text, echo_session).per_datagram(), nullptr);
}

TEST(layers, take_a_handler_of_two_forms) {
    const auto say = [](bytes_view, peer& from) { from.send("datagram"); };
    handler both = named("outer", handler{echo_session, say});
    testkit::served near{line{}, both};
    EXPECT_EQ(near.take("a\n"), "outer\na\n");
    ASSERT_NE(both.per_datagram(), nullptr);
    recording_peer from;
    (*both.per_datagram())("a", from);
    EXPECT_EQ(from.sent, (std::vector<std::string>{"outer", "datagram"}));
}

} // namespace fairlead::test
