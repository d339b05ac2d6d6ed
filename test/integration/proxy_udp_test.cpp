// Servers behind proxies that announce the sender of each datagram.

#include "integration/support/datagram_client.hpp"
#include "integration/support/proxies.hpp"
#include "integration/support/running_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/handlers/echo.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

udp_options behind_local_udp_proxies() {
    return {.max_reply_ratio = 10, .proxy = {.trusted = {address_range::parse("127.0.0.1")}}};
}

std::string datagram_header_of(const std::string& host, const std::string& port = "5000") {
    return encode_proxy_header(proxy_version::v2, proxied_connection{endpoint::parse("udp://" + host + ":" + port),
                                                                     endpoint::parse("udp://198.51.100.1:443")});
}

void tell_sender(bytes_view message, peer& from) {
    from.send(to_string(message) + " from " + from.remote().to_string());
}

auto has_dropped(std::uint64_t datagrams) {
    return [datagrams](const statistics& found) { return found.datagrams.dropped_for_proxy >= datagrams; };
}

class datagrams_behind_proxies : public ::testing::Test {
protected:
    const log_lines log;
};

} // namespace

TEST_F(datagrams_behind_proxies, have_the_announced_address) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client proxy{server.where()};
    EXPECT_EQ(proxy.ask(datagram_header_of("203.0.113.7") + "hello"), "hello from udp://203.0.113.7:5000");
    EXPECT_EQ(proxy.ask(datagram_header_of("[2001:db8::7]") + "hello"), "hello from udp://[2001:db8::7]:5000");
    EXPECT_EQ(proxy.ask(datagram_header_of("203.0.113.7")), " from udp://203.0.113.7:5000") << "an empty message";
}

TEST_F(datagrams_behind_proxies, keep_the_address_of_a_proxy_that_speaks_for_itself) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client proxy{server.where()};
    const std::string reply = proxy.ask(encode_proxy_header(proxy_version::v2, std::nullopt) + "hello");
    EXPECT_EQ(reply, "hello from udp://127.0.0.1:" + std::to_string(proxy.port()));
}

TEST_F(datagrams_behind_proxies, are_those_of_one_session_for_each_announced_address) {
    running_server server{behind_local_udp_proxies(), tell_addresses};
    datagram_client proxy{server.where()};
    for (const std::string host : {"203.0.113.7", "203.0.113.8", "203.0.113.7"})
        EXPECT_EQ(proxy.ask(datagram_header_of(host) + "hello"),
                  "hello from udp://" + host + ":5000 to udp://198.51.100.1:443 via 127.0.0.1");
    EXPECT_EQ(server.server().statistics().accepted, 2u);
}

TEST_F(datagrams_behind_proxies, are_answered_by_the_way_they_came) {
    running_server server{behind_local_udp_proxies(), tell_addresses};
    datagram_client one{server.where()}, other{server.where()};
    one.ask(datagram_header_of("203.0.113.7") + "hello");
    EXPECT_NE(other.ask(datagram_header_of("203.0.113.7") + "again").find("again from udp://203.0.113.7:5000"),
              std::string::npos);
    EXPECT_EQ(server.server().statistics().accepted, 1u);
}

TEST_F(datagrams_behind_proxies, are_dropped_from_others) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client stranger{server.where(), "127.0.0.2"};
    stranger.send(datagram_header_of("203.0.113.7") + "hello");
    EXPECT_EQ(server.statistics_when(has_dropped(1)).messages_in, 0u);
    EXPECT_TRUE(log.soon("was dropped: it is not from one of the trusted proxies (--proxy-from)"));
}

TEST_F(datagrams_behind_proxies, are_dropped_without_a_whole_header_of_version_2) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client proxy{server.where()};
    const std::string header = datagram_header_of("203.0.113.7");
    const std::string wrong[] = {
        "",
        "hello",
        header.substr(0, header.size() - 1),
        encode_proxy_header(proxy_version::v1, std::nullopt) + "hello",
        header_of("203.0.113.7") + "hello", // of a connection
    };
    for (const std::string& each : wrong)
        proxy.send(each);
    EXPECT_EQ(proxy.ask(header + "right"), "right from udp://203.0.113.7:5000");
    const statistics found = server.statistics_when(has_dropped(std::size(wrong)));
    EXPECT_EQ(found.datagrams.dropped_for_proxy, std::size(wrong));
    EXPECT_EQ(found.messages_in, 1u);
    EXPECT_TRUE(log.soon("was dropped: the bytes do not begin with a PROXY header", 2));
}

TEST_F(datagrams_behind_proxies, may_be_as_long_as_the_limit_without_their_header) {
    udp_options how = behind_local_udp_proxies();
    how.max_message = 100;
    running_server server{how, echo()};
    datagram_client proxy{server.where()};
    const std::string header = datagram_header_of("203.0.113.7"), longest(100, 'x');
    EXPECT_EQ(proxy.ask(header + longest), longest);
    proxy.send(header + longest + 'x');
    const statistics found =
        server.statistics_when([](const statistics& now) { return now.datagrams.dropped_too_large == 1; });
    EXPECT_EQ(found.datagrams.dropped_too_large, 1u);
}

TEST_F(datagrams_behind_proxies, are_answered_by_the_rules_for_the_announced_address) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client proxy{server.where()};
    proxy.send(datagram_header_of("203.0.113.7", "53") + "a service");
    proxy.send(datagram_header_of("203.0.113.7", "0") + "no port");
    const statistics found =
        server.statistics_when([](const statistics& now) { return now.datagrams.refused_for_target == 2; });
    EXPECT_EQ(found.datagrams.refused_for_target, 2u);
}

TEST_F(datagrams_behind_proxies, come_from_others_while_the_server_runs) {
    running_server server{behind_local_udp_proxies(), tell_sender};
    datagram_client proxy{server.where()};
    EXPECT_THROW(server.server().set_proxies(server.where(), {}), std::invalid_argument);
    EXPECT_EQ(proxy.ask(datagram_header_of("203.0.113.7") + "a"), "a from udp://203.0.113.7:5000");
    EXPECT_TRUE(server.server().set_proxies(server.where(), {.trusted = {address_range::parse("127.0.0.2")}}));
    datagram_client other{server.where(), "127.0.0.2"};
    while (!other.hears_something())
        other.send(datagram_header_of("203.0.113.7") + "b");
    EXPECT_EQ(other.receive(), "b from udp://203.0.113.7:5000");
    proxy.send(datagram_header_of("203.0.113.7") + "c");
    EXPECT_FALSE(proxy.hears_something());
}

TEST_F(datagrams_behind_proxies, need_a_proxy_that_can_send_them) {
    server refusing{test_options()};
    const udp_options how{.proxy = {.trusted = {address_range::parse("unix:")}}};
    EXPECT_THROW(refusing.listen("udp://127.0.0.1:0", echo(), how), std::invalid_argument);
}

} // namespace fairlead::test
