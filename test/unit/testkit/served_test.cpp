#include <fairlead/testkit/served.hpp>

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/shard.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;
using messages = std::vector<std::string>;

boost::asio::awaitable<void> greet_slowly(session& visitor) {
    visitor.send("who are you?");
    while (const auto name = co_await visitor.receive()) {
        const auto greeting = "hello " + to_string(*name);
        co_await visitor.shard().sleep_for(1min);
        visitor.send(greeting);
    }
    visitor.send("bye");
}

void refuse_numbers(bytes_view message, peer& from) {
    if (message.text() == "7")
        throw std::domain_error{"a number"};
    from.send(message);
}

boost::asio::awaitable<void> answer_from_a_thread(session& visitor) {
    while (const auto message = co_await visitor.receive()) {
        const auto text = to_string(*message);
        auto work = [&text] { return text + text; };
        const auto twice = co_await visitor.shard().blocking(work);
        visitor.send(twice);
    }
}

} // namespace

TEST(served, returns_the_bytes_that_a_message_handler_sends) {
    testkit::served shouter{line{}, uppercase()};
    EXPECT_EQ(shouter.take("ahoy\nwho is"), "AHOY\n");
    EXPECT_EQ(shouter.take(" there\n"), "WHO IS THERE\n");
    EXPECT_EQ(shouter.take(), "");
}

TEST(served, frames_messages_for_the_peer) {
    testkit::served shouter{length_prefixed{{.width = 2}}, uppercase()};
    EXPECT_EQ(shouter.replies("ahoy"), messages{"AHOY"});
    EXPECT_EQ(shouter.replies(""), messages{""});
    EXPECT_EQ(shouter.replies(), messages{});
}

TEST(served, keeps_the_bytes_of_an_incomplete_reply) {
    testkit::served shouter{line{}, uppercase()};
    shouter.peer().read_at_most(7);
    EXPECT_EQ(shouter.replies("ahoy"), messages{"AHOY"});
    EXPECT_EQ(shouter.replies("there"), messages{});
    shouter.peer().read_everything();
    EXPECT_EQ(shouter.replies(), messages{"THERE"});
}

TEST(served, refuses_a_message_that_its_framing_cannot_carry) {
    testkit::served shouter{line{}, uppercase()};
    EXPECT_THROW(shouter.replies("two\nlines"), boost::system::system_error);
}

TEST(served, runs_a_session_handler_from_its_greeting_to_its_end) {
    testkit::served greeter{line{}, greet_slowly};
    EXPECT_EQ(greeter.take(), "who are you?\n");
    EXPECT_EQ(greeter.take("ann\n"), "");
    greeter.advance(59s);
    EXPECT_EQ(greeter.take(), "");
    greeter.advance(2s);
    EXPECT_EQ(greeter.take(), "hello ann\n");
    EXPECT_FALSE(greeter.ended());
    greeter.end();
    EXPECT_TRUE(greeter.ended());
    EXPECT_EQ(greeter.take(), "bye\n");
    EXPECT_TRUE(greeter.peer().closed());
    EXPECT_EQ(greeter.close_reason().by, closed_by::peer);
}

TEST(served, stops_as_a_server_does) {
    testkit::served greeter{line{}, greet_slowly};
    greeter.take();
    greeter.stop();
    EXPECT_EQ(greeter.take(), "bye\n");
    EXPECT_EQ(greeter.close_reason().by, closed_by::stop);
}

TEST(served, breaks_the_connection) {
    testkit::served greeter{line{}, greet_slowly};
    greeter.fail(boost::system::errc::make_error_code(boost::system::errc::connection_reset));
    EXPECT_TRUE(greeter.ended());
    EXPECT_EQ(greeter.close_reason().by, closed_by::system);
}

TEST(served, applies_its_limits) {
    testkit::served watched{line{}, echo(), {.idle_timeout = 5s}};
    watched.take("hello\n");
    watched.advance(4s);
    EXPECT_FALSE(watched.close_reason());
    watched.advance(2s);
    EXPECT_EQ(watched.close_reason().code, errc::idle_timeout);
}

TEST(served, rethrows_an_exception_of_the_handler_once) {
    testkit::served picky{line{}, refuse_numbers};
    EXPECT_EQ(picky.take("a\n"), "a\n");
    EXPECT_THROW(picky.take("7\n"), std::domain_error);
    EXPECT_TRUE(picky.ended());
    EXPECT_EQ(picky.take(), "");
}

TEST(served, waits_for_a_handler_that_waits_for_a_thread) {
    testkit::served twice{line{}, answer_from_a_thread};
    twice.take("ho\n");
    EXPECT_TRUE(twice.run_until([&] { return twice.peer().received() == "hoho\n"; }, 30s));
    EXPECT_FALSE(twice.run_until([] { return false; }, 1ms));
}

TEST(served, may_be_destroyed_before_its_handler_has_ended) {
    bool destroyed = false;
    struct on_destruction {
        ~on_destruction() { flag = true; }
        bool& flag;
    };
    {
        testkit::served waiting{line{}, [&destroyed](session& visitor) -> boost::asio::awaitable<void> {
                                    const on_destruction local{destroyed};
                                    co_await visitor.receive();
                                }};
        EXPECT_FALSE(destroyed);
    }
    EXPECT_TRUE(destroyed);
}

TEST(served, refuses_limits_that_contradict_each_other) {
    EXPECT_THROW(testkit::served(line{}, echo(), {.write_high_watermark = 2, .max_write_buffer = 1}),
                 std::invalid_argument);
}

} // namespace fairlead::test
