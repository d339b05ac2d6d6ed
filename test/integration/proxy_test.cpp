// Servers behind proxies that announce their clients by the PROXY protocol.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/proxies.hpp"
#include "integration/support/running_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/runtime.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

class behind_proxies : public ::testing::Test {
protected:
    static auto has_refused(std::uint64_t connections) {
        return [connections](const statistics& found) { return found.refused_for_proxy >= connections; };
    }
    static auto has_places_taken(std::uint64_t places) {
        return [places](const statistics& found) { return found.listeners.at(0).active == places; };
    }

    const log_lines log;
};

std::string talk(const endpoint& server, const std::string& bytes) {
    client peer{server};
    peer.write(bytes);
    peer.end_writing();
    return peer.read_to_end();
}

std::string refusal_to_listen(std::string_view url, const listen_options& options) {
    server server{test_options()};
    try {
        server.listen(url, line{}, echo(), options);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "none";
}

boost::asio::awaitable<std::string> ask_through(shard& here, std::string where, proxy_client_options proxy) {
    connect_options how;
    how.proxy = std::move(proxy);
    const framing rules = line{};
    const auto connected = co_await connect(here, where, rules, how);
    if (!connected)
        co_return connected.error().message();
    (*connected)->send("hello");
    const auto reply = co_await (*connected)->receive();
    const std::string text = reply ? to_string(*reply) : reply.error().message();
    co_await (*connected)->close_gracefully();
    co_return text;
}

} // namespace

TEST_F(behind_proxies, sessions_have_the_announced_address) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    for (const auto version : {proxy_version::v1, proxy_version::v2})
        EXPECT_EQ(talk(server.where(), header_of("203.0.113.7", version) + "hello\n"),
                  "hello from tcp://203.0.113.7:5000 to tcp://198.51.100.1:443 via 127.0.0.1\n");
    EXPECT_EQ(server.server().statistics().accepted, 2u);
    EXPECT_EQ(server.server().statistics().refused_for_proxy, 0u);
}

TEST_F(behind_proxies, sessions_keep_the_address_of_a_proxy_that_speaks_for_itself) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        const std::string said = talk(server.where(), encode_proxy_header(version, std::nullopt) + "hello\n");
        EXPECT_EQ(said.find("hello from tcp://127.0.0.1:"), 0u) << said;
        EXPECT_NE(said.find(" to - via 127.0.0.1"), std::string::npos) << said;
    }
}

TEST_F(behind_proxies, others_are_trusted_while_the_server_runs) {
    running_server server{line{}, echo(), test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    const proxy_server_options others{.trusted = {address_range::parse("10.0.0.0/8")}};
    client stays{server.where()};
    stays.write(header_of("203.0.113.7", proxy_version::v1) + "hello\n");
    EXPECT_EQ(stays.read(6), "hello\n");
    EXPECT_TRUE(server.server().set_proxies(server.where(), others));
    while (server.server().statistics().refused_for_proxy == 0) {
        client refused{server.where()};
        refused.end_writing();
        EXPECT_EQ(refused.read_to_end(), "");
    }
    stays.write("still\n");
    EXPECT_EQ(stays.read(6), "still\n");
}

TEST_F(behind_proxies, whether_there_are_headers_does_not_change) {
    running_server with{line{}, echo(), test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    running_server without{line{}, echo()};
    const proxy_server_options some{.trusted = {address_range::parse("10.0.0.0/8")}};
    EXPECT_THROW(with.server().set_proxies(with.where(), {}), std::invalid_argument);
    EXPECT_THROW(with.server().set_proxies(with.where(), {.trusted = {address_range::parse("unix:")}}),
                 std::invalid_argument);
    EXPECT_THROW(without.server().set_proxies(without.where(), some), std::invalid_argument);
    EXPECT_FALSE(without.server().set_proxies(with.where(), some)) << "another server has it";
}

TEST_F(behind_proxies, a_header_may_come_byte_by_byte) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        client proxy{server.where()};
        proxy.write_byte_by_byte(header_of("203.0.113.7", version) + "hello\n");
        proxy.end_writing();
        EXPECT_EQ(proxy.read_to_end().find("hello from tcp://203.0.113.7:5000 "), 0u);
    }
}

TEST_F(behind_proxies, connections_without_a_header_are_refused) {
    running_server server{line{}, echo(), test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    client plain{server.where()};
    plain.write("hello\n");
    const statistics found = server.statistics_when(has_refused(1));
    EXPECT_EQ(found.refused_for_proxy, 1u);
    EXPECT_EQ(found.listeners.at(0).refused_for_proxy, 1u);
    EXPECT_EQ(found.accepted, 0u);
    EXPECT_TRUE(log.soon("was refused: the bytes do not begin with a PROXY header"));
}

TEST_F(behind_proxies, connections_from_other_addresses_are_refused) {
    std::mutex mutex;
    std::vector<std::string> told;
    server_options options = test_options();
    options.on_refused = [&](const endpoint& from, std::string_view why) {
        const std::lock_guard lock{mutex};
        told.push_back(from.address() + " " + std::string{why});
    };
    listen_options how;
    how.proxy.trusted = {address_range::parse("10.0.0.0/8")};
    running_server server{line{}, echo(), options, "tcp://127.0.0.1:0", how};
    client stranger{server.where()};
    EXPECT_EQ(server.statistics_when(has_refused(1)).refused_for_proxy, 1u);
    server.stop();
    EXPECT_EQ(told, (std::vector<std::string>{"127.0.0.1 it is not one of the trusted proxies (--proxy-from)"}));
    EXPECT_TRUE(log.soon("it is not one of the trusted proxies"));
}

TEST_F(behind_proxies, a_header_has_a_deadline) {
    listen_options how = behind_local_proxies();
    how.proxy.header_timeout = 50ms;
    running_server server{line{}, echo(), test_options(), "tcp://127.0.0.1:0", how};
    client stalls{server.where()};
    stalls.write("PROXY TCP4 ");
    EXPECT_EQ(server.statistics_when(has_refused(1)).refused_for_proxy, 1u);
    EXPECT_TRUE(log.soon("its PROXY header did not come in time"));
    EXPECT_EQ(server.statistics_when(has_places_taken(0)).listeners.at(0).active, 0u);
}

TEST_F(behind_proxies, limits_on_an_address_are_those_of_the_announced_one) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0",
                          behind_local_proxies({.max_sessions_per_address = 1})};
    client first{server.where()};
    first.write(header_of("203.0.113.7") + "one\n");
    EXPECT_EQ(first.read(4), "one ");
    client other{server.where()};
    other.write(header_of("203.0.113.8") + "other\n");
    EXPECT_EQ(other.read(6), "other ");
    client second{server.where()};
    second.write(header_of("203.0.113.7"));
    EXPECT_EQ(second.read_to_end(), "");
    EXPECT_EQ(server.server().statistics().refused_for_address, 1u);
    EXPECT_TRUE(log.soon("a connection from tcp://203.0.113.7:5000 was refused: its address has too many sessions"));
}

TEST_F(behind_proxies, connections_count_for_the_limit_of_sessions_before_their_header) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0",
                          behind_local_proxies({.max_sessions = 1})};
    std::optional<client> stalls{server.where()};
    client waits{server.where()};
    waits.write(header_of("203.0.113.7") + "hello\n");
    const auto held = [](const statistics& found) { return found.held_for_sessions == 1; };
    EXPECT_EQ(server.statistics_when(held).held_for_sessions, 1u);
    stalls.reset();
    EXPECT_EQ(waits.read(5), "hello");
}

TEST_F(behind_proxies, connections_reach_all_threads) {
    server_options two = test_options();
    two.threads = 2;
    running_server server{line{}, tell_addresses, two, "tcp://127.0.0.1:0", behind_local_proxies()};
    std::vector<client> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back(server.where());
        clients.back().write_byte_by_byte(header_of("203.0.113." + std::to_string(i)) + "hello\n");
    }
    for (int i = 0; i < 8; ++i) {
        const std::string expected = "hello from tcp://203.0.113." + std::to_string(i);
        EXPECT_EQ(clients[static_cast<std::size_t>(i)].read(expected.size()), expected);
    }
    for (const session_statistics& each : server.server().statistics().shards)
        EXPECT_EQ(each.active, 4u);
}

TEST_F(behind_proxies, unix_sockets_are_served_to_proxies_too) {
    const std::string where = "unix://@fairlead-proxy-test-" + std::to_string(::getpid());
    running_server server{line{}, tell_addresses, test_options(), where, behind_local_proxies()};
    client proxy{server.where()};
    proxy.write_byte_by_byte(header_of("203.0.113.7") + "hello\n");
    proxy.end_writing();
    EXPECT_EQ(proxy.read_to_end(), "hello from tcp://203.0.113.7:5000 to tcp://198.51.100.1:443 via \n");
}

TEST_F(behind_proxies, headers_that_have_not_come_are_not_waited_for_by_a_stop) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    client silent{server.where()};
    client stalls{server.where()};
    stalls.write("PROXY ");
    EXPECT_EQ(server.statistics_when(has_places_taken(2)).listeners.at(0).active, 2u);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(server.server().statistics().refused_for_proxy, 0u);
}

TEST_F(behind_proxies, headers_may_come_after_the_listener_has_closed) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    client late{server.where()};
    EXPECT_EQ(server.statistics_when(has_places_taken(1)).listeners.at(0).active, 1u);
    EXPECT_TRUE(server.server().unlisten(server.where()));
    std::this_thread::sleep_for(50ms); // the listener has let those in its backlog in
    late.write(header_of("203.0.113.7") + "hello\n");
    EXPECT_EQ(late.read(5), "hello");
}

TEST_F(behind_proxies, headers_are_given_up_with_a_server_that_is_destroyed) {
    runtime shared{1};
    std::optional<server> serving{std::in_place, shared};
    const endpoint at = serving->listen("tcp://127.0.0.1:0", line{}, echo(), behind_local_proxies());
    serving->start();
    std::thread running{[&shared] { shared.run(); }};
    client stalls{at};
    while (serving->statistics().listeners.at(0).active == 0)
        std::this_thread::sleep_for(1ms);
    serving.reset();
    EXPECT_EQ(stalls.read_to_end(), "");
    shared.stop();
    running.join();
}

TEST_F(behind_proxies, headers_are_given_up_with_a_runtime_that_ends_before_its_server) {
    std::optional<client> stalls;
    {
        runtime shared{1};
        server serving{shared};
        const endpoint at = serving.listen("tcp://127.0.0.1:0", line{}, echo(), behind_local_proxies());
        serving.start();
        std::thread running{[&shared] { shared.run(); }};
        stalls.emplace(at);
        while (serving.statistics().listeners.at(0).active == 0)
            std::this_thread::sleep_for(1ms);
        shared.stop();
        running.join();
    }
    EXPECT_EQ(stalls->read_to_end(), "");
}

TEST_F(behind_proxies, listeners_need_a_proxy_that_can_connect) {
    listen_options addresses, unix_sockets, past;
    addresses.proxy.trusted = {address_range::parse("10.0.0.0/8")};
    unix_sockets.proxy.trusted = {address_range::parse("unix:")};
    past.proxy.header_timeout = -1ms;
    EXPECT_EQ(refusal_to_listen("unix://@never", addresses),
              "no trusted proxy can connect to 'unix://@never'; name 'unix:', all peers on Unix sockets "
              "(proxy_server_options::trusted, --proxy-from)");
    EXPECT_EQ(refusal_to_listen("tcp://127.0.0.1:0", unix_sockets),
              "no trusted proxy can connect to 'tcp://127.0.0.1:0'; name a range of IP addresses "
              "(proxy_server_options::trusted, --proxy-from)");
    EXPECT_EQ(refusal_to_listen("tcp://127.0.0.1:0", past),
              "a PROXY header cannot end within less than 0 ms (header_timeout); 0 is no limit");
}

TEST_F(behind_proxies, clients_may_be_proxies_themselves) {
    running_server server{line{}, tell_addresses, test_options(), "tcp://127.0.0.1:0", behind_local_proxies()};
    background_shard home;
    home.run();
    const auto ask = [&](const proxy_client_options& proxy) {
        return home.await(ask_through(*home, server.where().to_string(), proxy));
    };
    proxy_client_options proxy{.source = endpoint::parse("tcp://[2001:db8::7]:5000"),
                               .destination = endpoint::parse("tcp://[2001:db8::1]:443")};
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        proxy.version = version;
        EXPECT_EQ(ask(proxy), "hello from tcp://[2001:db8::7]:5000 to tcp://[2001:db8::1]:443 via 127.0.0.1");
        EXPECT_EQ(ask({.version = version}).find("hello from tcp://127.0.0.1:"), 0u);
    }
    EXPECT_THROW(ask({.source = proxy.source}), std::invalid_argument) << "where to?";
    home.stop();
}

TEST_F(behind_proxies, plain_listeners_know_no_proxy) {
    running_server server{line{}, tell_addresses};
    client peer{server.where()};
    peer.write("hello\n");
    peer.end_writing();
    const std::string said = peer.read_to_end();
    EXPECT_NE(said.find(" to none via 127.0.0.1"), std::string::npos) << said;
}

} // namespace fairlead::test
