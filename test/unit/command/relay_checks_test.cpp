#include "config/serve_plan.hpp"
#include "serve_checks.hpp"

#include "has.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

std::string fault_of_relay(const std::string& at, const std::string& to, const std::string& framing = "") {
    command_line given{.handler = "relay",
                       .settings = {{.name = "listen", .values = {at}}, {.name = "to", .values = {to}}}};
    if (!framing.empty())
        given.settings.push_back({.name = "to-framing", .values = {framing}});
    try {
        check(make_plan(given), check_depth::options);
        return "";
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

bool is_refused_as_itself(const std::string& at, const std::string& to, const std::string& framing = "") {
    return has(fault_of_relay(at, to, framing), "is where this relay listens itself");
}

} // namespace

TEST(relay_checks, find_a_target_that_is_the_relay_itself_whatever_its_scheme) {
    EXPECT_TRUE(is_refused_as_itself("tcp://127.0.0.1:1", "tcp://127.0.0.1:1"));
    EXPECT_TRUE(is_refused_as_itself("unix:///run/a", "unix:///run/a"));
    EXPECT_TRUE(is_refused_as_itself("ws://127.0.0.1:1/a", "tcp://127.0.0.1:1", "line"));
    EXPECT_TRUE(is_refused_as_itself("tcp://127.0.0.1:1", "ws://127.0.0.1:1/a"));
    EXPECT_TRUE(is_refused_as_itself("ws://127.0.0.1:1/a", "ws://127.0.0.1:1/a?room=1"));
#ifdef FAIRLEAD_TLS
    EXPECT_TRUE(is_refused_as_itself("tcp://127.0.0.1:1", "tls://127.0.0.1:1"));
    EXPECT_TRUE(is_refused_as_itself("ws://127.0.0.1:1/a", "wss://127.0.0.1:1/b"));
#endif
}

TEST(relay_checks, hold_little_in_memory_only_if_both_sides_divide_messages) {
    const relay_front front{.framing = "length:8", .max_message = std::size_t{20} << 30};
    relay_settings options;
    options.to = "tcp://127.0.0.1:2";
    EXPECT_EQ(options.front_messages(front.framing, front).max_message(), std::size_t{1} << 20);
    options.framing = "raw";
    EXPECT_EQ(options.front_messages(front.framing, front).max_message(), std::size_t{1} << 20);
    options.framing = "line";
    EXPECT_EQ(options.front_messages(front.framing, front).max_message(), *front.max_message);
}

TEST(relay_checks, hold_a_message_of_websocket_only_if_the_other_side_needs_its_size) {
    const relay_front front{.framing = "length:8", .max_message = std::size_t{20} << 30};
    relay_settings options;
    options.to = "ws://127.0.0.1:2/";
    EXPECT_EQ(options.front_messages("length:8", front).max_message(), *front.max_message);
    EXPECT_EQ(options.front_messages("raw", front).max_message(), std::size_t{1} << 20);
    EXPECT_EQ(options.front_messages("websocket", front).max_message(), std::size_t{1} << 20);
    options.to = "tcp://127.0.0.1:2";
    options.framing = "varint";
    EXPECT_EQ(options.front_messages("websocket", front).max_message(), *front.max_message);
    options.framing = "raw";
    EXPECT_EQ(options.front_messages("websocket", front).max_message(), std::size_t{1} << 20);
    options.framing = "websocket";
    EXPECT_EQ(options.front_messages("line", front).max_message(), *front.max_message);
}

TEST(relay_checks, take_a_target_beside_the_relay) {
    EXPECT_EQ(fault_of_relay("tcp://127.0.0.1:1", "tcp://127.0.0.1:2"), "");
    EXPECT_EQ(fault_of_relay("tcp://127.0.0.1:1", "tcp://127.0.0.2:1"), "");
    EXPECT_EQ(fault_of_relay("unix:///run/a", "unix:///run/b"), "");
    EXPECT_EQ(fault_of_relay("ws://127.0.0.1:1/a", "ws://127.0.0.1:1/b"), "") << "another path of its port";
}

} // namespace fairlead::command
