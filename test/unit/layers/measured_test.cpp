#include "support/layer_counts.hpp"
#include "support/log_lines.hpp"
#include "support/recording_peer.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/logged.hpp>
#include <fairlead/layers/timed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::test {

namespace {

using namespace std::literals;

boost::asio::awaitable<void> echo_after_a_second(session& peer) {
    while (const auto message = co_await peer.receive()) {
        const std::string reply = to_string(*message);
        co_await peer.shard().sleep_for(1s);
        if (reply == "throw")
            throw std::runtime_error{"on purpose"};
        peer.send(reply);
    }
}

} // namespace

TEST(timed, measures_a_session_handler_from_a_message_to_the_next_receive) {
    layer_counts counts{"logged"};
    const auto times = counts.in.histogram("times_seconds", "Times.", {0.5, 2});
    testkit::served near{line{}, timed(times, echo_after_a_second)};
    near.advance(10s);
    near.take("a\n");
    EXPECT_EQ(times.count(), 0u);
    near.advance(1s);
    EXPECT_EQ(near.take(), "a\n");
    EXPECT_EQ(times.count(), 1u);
    EXPECT_DOUBLE_EQ(times.sum(), 1);
}

TEST(timed, measures_also_the_message_with_which_a_handler_ends) {
    layer_counts counts{"logged"};
    const auto times = counts.in.histogram("times_seconds", "Times.", {0.5, 2});
    testkit::served near{line{}, timed(times, echo_after_a_second)};
    near.take("throw\n");
    EXPECT_THROW(near.advance(1s), std::runtime_error);
    EXPECT_EQ(times.count(), 1u);
}

TEST(timed, measures_each_call_of_a_message_handler) {
    layer_counts counts{"logged"};
    const auto times = counts.in.histogram("times_seconds", "Times.", {0.5, 2});
    const auto fail = [](bytes_view message, peer& from) {
        from.send(message);
        if (message == "throw")
            throw std::runtime_error{"on purpose"};
    };
    handler measured = timed(times, fail);
    testkit::served near{line{}, measured};
    EXPECT_EQ(near.take("a\nb\n"), "a\nb\n");
    EXPECT_EQ(times.count(), 2u);
    EXPECT_THROW(near.take("throw\n"), std::runtime_error);
    EXPECT_EQ(times.count(), 3u);
    recording_peer from;
    (*measured.per_datagram())("a", from);
    EXPECT_EQ(times.count(), 4u);
}

TEST(logged, writes_a_line_for_each_message_at_the_level_debug) {
    const log_lines lines;
    layer_counts counts{"logged"};
    testkit::served near{line{}, logged(echo_after_a_second, {&counts.in, "test"})};
    near.take("a\n");
    near.advance(1s);
    EXPECT_EQ(lines.text(), "") << "it is not shown by default";

    logger()->set_level(spdlog::level::debug);
    near.take("bcd\n");
    near.advance(1s);
    EXPECT_EQ(lines.count("session " + std::to_string(near.near().id()) + " from "), 1u) << lines.text();
    EXPECT_EQ(lines.count(": a message of 3 bytes took 1000.000 ms"), 1u) << lines.text();
    EXPECT_EQ(counts.messages("passed"), 2u);
}

TEST(logged, writes_more_lines_in_a_second_than_others_may) {
    const log_lines lines;
    logger()->set_level(spdlog::level::debug);
    testkit::served near{line{}, logged(echo())};
    for (int i = 0; i < 50; ++i)
        near.take("a\n");
    EXPECT_EQ(lines.count(": a message of 1 byte took "), 50u);
}

TEST(logged, names_the_sender_of_a_datagram) {
    const log_lines lines;
    logger()->set_level(spdlog::level::debug);
    handler each = logged(echo());
    recording_peer from;
    (*each.per_datagram())("abc", from);
    EXPECT_EQ(lines.count("a message of 3 bytes from - took "), 1u) << lines.text();
}

} // namespace fairlead::test
