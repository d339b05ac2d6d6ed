#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>
#include <fairlead/socket_options.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

// What `listen` says when the system refuses.
boost::system::system_error refusal_at(const std::string& where) {
    server refusing{test_options()};
    try {
        refusing.listen(where, raw{}, echo());
    } catch (const boost::system::system_error& refused) {
        EXPECT_NE(std::string{refused.what()}.find(where), std::string::npos) << refused.what();
        return refused;
    }
    throw std::logic_error{where + " was not refused"};
}

TEST(listening, at_a_port_in_use_is_refused) {
    running_server server{raw{}, echo()};
    const auto refused = refusal_at(server.where().to_string());
    EXPECT_EQ(refused.code(), boost::system::errc::address_in_use) << refused.what();
}

// 192.0.2.0/24 is for documentation (RFC 5737): no machine has such an address.
TEST(listening, at_an_address_of_no_interface_is_refused) {
    const auto refused = refusal_at("tcp://192.0.2.1:9000");
    EXPECT_EQ(refused.code(), boost::system::errc::address_not_available) << refused.what();
}

TEST(listening, at_a_name_that_has_no_address_is_refused_with_a_reason) {
    const auto refused = refusal_at("tcp://nosuchhost.invalid:9000");
    EXPECT_EQ(std::string{refused.what()}.find("asio"), std::string::npos) << refused.what();
}

TEST(listening, at_what_is_no_url_is_a_mistake_of_the_caller) {
    server refusing{test_options()};
    EXPECT_THROW(refusing.listen("127.0.0.1:9000", raw{}, echo()), std::invalid_argument);
}

TEST(listening, works_by_name_and_on_ipv6) {
    running_server by_name{raw{}, echo(), test_options(), "tcp://localhost:0"};
    EXPECT_EQ(ask(by_name.where(), "name"), "name");
    try {
        running_server ipv6{raw{}, echo(), test_options(), "tcp://[::1]:0"};
        EXPECT_EQ(ipv6.where().address(), "::1");
        EXPECT_EQ(ask(ipv6.where(), "six"), "six");
    } catch (const boost::system::system_error& refused) {
        GTEST_SKIP() << "no IPv6 here: " << refused.what();
    }
}

TEST(listening, at_several_addresses_announces_each_with_its_port_when_it_accepts) {
    std::vector<endpoint> announced;
    server_options options = test_options();
    server* serving = nullptr;
    options.on_listening = [&](const endpoint& where) {
        announced.push_back(where);
        EXPECT_NO_THROW(client{where});
        if (announced.size() == 2)
            serving->stop();
    };
    server two{std::move(options)};
    serving = &two;
    const endpoint first = two.listen("tcp://127.0.0.1:0", raw{}, echo());
    const endpoint second = two.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    EXPECT_EQ(two.run(), 0);
    ASSERT_EQ(announced.size(), 2u);
    EXPECT_EQ(announced[0], first);
    EXPECT_EQ(announced[1], second);
    EXPECT_NE(first.port(), 0);
    EXPECT_NE(first.port(), second.port());
}

boost::asio::awaitable<void> tell_options(session& visitor) {
    const auto found = get_options(visitor.native_handle());
    visitor.send(std::to_string(found->keep_alive_idle->count()) + " " + std::to_string(*found->receive_buffer) +
                 (*found->keep_alive ? " keep-alive" : "") + (*found->no_delay ? " no-delay" : ""));
    co_return;
}

TEST(listening, with_socket_options_gives_them_to_the_connections) {
    server_options options = test_options();
    options.socket.keep_alive = true;
    options.socket.keep_alive_idle = std::chrono::seconds{61};
    options.socket.receive_buffer = 20'000;
    running_server server{raw{}, tell_options, options};
    EXPECT_EQ(ask(server.where(), ""), "61 40000 keep-alive no-delay");
}

TEST(listening, without_socket_options_sends_small_writes_at_once) {
    running_server server{raw{}, tell_options};
    EXPECT_TRUE(ask(server.where(), "").ends_with(" no-delay"));
}

TEST(listening, with_a_socket_option_that_is_refused_is_refused) {
    server_options options = test_options();
    options.socket.keep_alive_idle = std::chrono::seconds{-1};
    server refusing{options};
    try {
        refusing.listen("tcp://127.0.0.1:0", raw{}, echo());
        FAIL() << "it was not refused";
    } catch (const boost::system::system_error& refused) {
        EXPECT_TRUE(std::string{refused.what()}.starts_with("cannot listen at tcp://127.0.0.1:0: cannot set the socket "
                                                            "option TCP_KEEPIDLE: Invalid argument"))
            << refused.what();
    }
}

} // namespace

} // namespace fairlead::test
