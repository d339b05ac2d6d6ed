#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

void throw_when_told(bytes_view message) {
    if (message.text() == "exception")
        throw std::runtime_error{"first line\nsecond line"};
    if (message.text() == "int")
        throw 42;
}

void fragile(bytes_view message, peer& from) {
    from.send(message);
    throw_when_told(message);
}

boost::asio::awaitable<void> fragile_conversation(session& visitor) {
    while (const auto message = co_await visitor.receive()) {
        visitor.send(*message);
        throw_when_told(*message);
    }
}

class failing_handler : public testing::Test {
protected:
    void expect_only_its_session_ends(handler what, const std::string& deadly) {
        running_server server{length_prefixed{}, std::move(what)};
        client other{server.where()};
        other.write(frame("before"));
        EXPECT_EQ(other.read(10), frame("before"));

        // What was sent before the handler threw still arrives, and what comes behind is not handled.
        EXPECT_EQ(ask(server.where(), frame(deadly) + frame("behind")), frame(deadly));

        other.write(frame("after"));
        EXPECT_EQ(other.read(9), frame("after"));
        other.end_writing();
        EXPECT_EQ(other.read_to_end(), "");
        EXPECT_EQ(server.statistics_after(2).closed.handler_failed, 1u);
        EXPECT_EQ(server.stop(), 0);
    }

    const log_lines log;
};

TEST_F(failing_handler, that_throws_an_exception_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile, "exception");
    EXPECT_EQ(log.count("its handler threw"), 1u) << log.text();
    EXPECT_EQ(log.count("first line\\nsecond line"), 1u) << "on one line: " << log.text();
}

TEST_F(failing_handler, that_throws_an_int_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile, "int");
    EXPECT_EQ(log.count("its handler threw"), 1u) << log.text();
}

TEST_F(failing_handler, that_is_a_conversation_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile_conversation, "exception");
    expect_only_its_session_ends(fragile_conversation, "int");
}

} // namespace

} // namespace fairlead::test
