#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
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
    failing_handler() {
        set_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
    }
    ~failing_handler() override { set_logger(nullptr); }

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

    std::string log() const { return log_.str(); }

private:
    std::ostringstream log_;
};

TEST_F(failing_handler, that_throws_an_exception_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile, "exception");
    EXPECT_NE(log().find("its handler threw"), std::string::npos) << log();
    EXPECT_NE(log().find("first line\\nsecond line"), std::string::npos) << "on one line: " << log();
}

TEST_F(failing_handler, that_throws_an_int_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile, "int");
    EXPECT_NE(log().find("its handler threw"), std::string::npos) << log();
}

TEST_F(failing_handler, that_is_a_conversation_ends_its_session_and_no_other) {
    expect_only_its_session_ends(fragile_conversation, "exception");
    expect_only_its_session_ends(fragile_conversation, "int");
}

} // namespace

} // namespace fairlead::test
