#include "server/inherited_sockets.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace fairlead::test {

TEST(inherited_sockets, have_the_ticket_keys_of_each_listener_with_one_text_in_order) {
    inherited_sockets inherited{std::make_shared<joint_sockets>()};
    const url at = url::parse("tls://127.0.0.1:0");
    inherited.take_over_keys(at.to_string(), "of the first");
    inherited.take_over_keys(at.to_string(), "of the second");
    inherited.take_over_keys("tls://127.0.0.1:9", "of another");
    EXPECT_EQ(inherited.take_keys(at), "of the first");
    EXPECT_EQ(inherited.take_keys(at), "of the second");
    EXPECT_EQ(inherited.take_keys(at), "");
}

TEST(inherited_sockets, of_websocket_are_known_without_a_path) {
    EXPECT_EQ(socket_name(url::parse("wss://127.0.0.1:443/chat")), "wss://127.0.0.1:443/");
    EXPECT_EQ(socket_name(url::parse("unix:///run/echo.sock")), "unix:///run/echo.sock");
    inherited_sockets inherited{std::make_shared<joint_sockets>()};
    inherited.take_over_keys(socket_name(url::parse("wss://127.0.0.1:443/old")), "keys");
    EXPECT_EQ(inherited.take_keys(url::parse("wss://127.0.0.1:443/new")), "keys");
}

} // namespace fairlead::test
