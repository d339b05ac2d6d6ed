// The program of docs/behind-a-proxy.md.
#define main behind_a_proxy_main
#include <fairlead/fairlead.hpp>

#include <exception>
#include <iostream>

boost::asio::awaitable<void> tell_address(fairlead::session& client) {
    while (const auto message = co_await client.receive())
        client.send("you are at " + client.remote().to_string());
}

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " URL ADDRESSES-OF-PROXIES\n";
        return 2;
    }
    fairlead::server server;
    try {
        fairlead::listen_options options;
        options.proxy.trusted = {fairlead::address_range::parse(argv[2])}; // the proxies, and nobody else
        const auto address = server.listen(argv[1], fairlead::line{}, tell_address, options);
        std::cout << "listening " << address.to_string() << std::endl;
    } catch (const std::exception& refused) { // a text that is no range of addresses, for example
        std::cerr << refused.what() << '\n';
        return 1;
    }
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

// clang-format off
boost::asio::awaitable<void> greet_by_certificate(session& client) {
    const auto announced = client.proxy();
    if (!announced || !announced->tls || !announced->tls->certificate_is_verified)
        co_return;
    while (const auto message = co_await client.receive())
        client.send("hello " + announced->tls->client_common_name);
}

// Serves the datagrams that the proxies of a network pass on.
endpoint serve_behind_proxies(server& server, std::string_view url) {
    const udp_options how{.proxy = {.trusted = {address_range::parse("10.0.0.0/8")}}};
    return server.listen(url, echo(), how);
}

// Options to connect to a server on behalf of a client.
connect_options on_behalf_of(const session& client) {
    connect_options how;
    how.proxy = proxy_client_options{.source = client.remote(), .destination = client.local()};
    return how;
}
// clang-format on

// A server may not listen yet.
boost::asio::awaitable<void> ask_program(shard& home, std::string address, connect_options how, std::string& reply) {
    const framing rules = line{};
    for (int tries = 0; reply.empty() && tries < 500; ++tries) {
        co_await home.sleep_for(std::chrono::milliseconds(20));
        const auto connected = co_await connect(home, address, rules, how);
        if (!connected)
            continue;
        (*connected)->send("hello");
        const auto answer = co_await (*connected)->receive();
        reply = answer ? to_string(*answer) : answer.error().message();
        co_await (*connected)->close_gracefully();
    }
}

// Passes on the first message of a client to `server`, and the reply back.
session_handler pass_on_once(std::string server) {
    return [server](session& client) -> boost::asio::awaitable<void> {
        const framing rules = line{};
        const connect_options how = on_behalf_of(client);
        const auto connected = co_await connect(client.shard(), server, rules, how);
        const auto message = co_await client.receive();
        (*connected)->send(*message);
        const auto reply = co_await (*connected)->receive();
        client.send(*reply);
        co_await (*connected)->close_gracefully();
    };
}

listen_options behind_this_machine() {
    listen_options options;
    options.proxy.trusted = {address_range::parse("127.0.0.1")};
    return options;
}

} // namespace

TEST(behind_a_proxy_page, tells_a_client_its_address) {
    program_run program{behind_a_proxy_main, {"unix:"}};
    connect_options how;
    how.proxy = proxy_client_options{.source = endpoint::parse("tcp://203.0.113.7:5000"),
                                     .destination = endpoint::parse("tcp://198.51.100.1:443")};
    std::string reply;
    runtime home{1};
    home.run(ask_program(home[0], program.url(), how, reply));
    EXPECT_EQ(reply, "you are at tcp://203.0.113.7:5000");
    EXPECT_EQ(program.stop(), 0);
}

TEST(behind_a_proxy_page, refuses_a_range_that_is_none) {
    program_run program{behind_a_proxy_main, {"10.0.0.1/8"}};
    EXPECT_EQ(program.wait(), 1);
}

TEST(behind_a_proxy_page, greets_by_certificate) {
    using namespace std::literals;
    runtime home{1};
    server server{home};
    const endpoint at = server.listen("tcp://127.0.0.1:0", raw{}, greet_by_certificate, behind_this_machine());
    server.start();
    const std::string header = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x1A"
                               "\xCB\0\x71\7\xC6\x33\x64\1\x13\x88\1\xBB"
                               "\x20\0\x0B\3\0\0\0\0\x22\0\3"
                               "ann"s;
    std::string reply;
    const auto as_proxy = [&]() -> boost::asio::awaitable<void> {
        const framing rules = raw{};
        const auto connected = co_await connect(home[0], at.to_string(), rules);
        (*connected)->send(header + "hi");
        const auto answer = co_await (*connected)->receive();
        reply = answer ? to_string(*answer) : answer.error().message();
        co_await (*connected)->close_gracefully();
    };
    home.run(as_proxy());
    EXPECT_EQ(reply, "hello ann");
}

TEST(behind_a_proxy_page, serves_datagrams_of_proxies) {
    server server;
    const endpoint at = serve_behind_proxies(server, "udp://127.0.0.1:0");
    EXPECT_TRUE(server.set_proxies(at, {.trusted = {address_range::parse("127.0.0.1")}})) << "it expects headers";
}

TEST(behind_a_proxy_page, announces_the_client_of_a_gateway) {
    runtime home{1};
    server servers{home};
    const endpoint back = servers.listen("tcp://127.0.0.1:0", line{}, tell_address, behind_this_machine());
    const endpoint front =
        servers.listen("tcp://127.0.0.1:0", line{}, pass_on_once(back.to_string()), behind_this_machine());
    servers.start();
    connect_options how;
    how.proxy = proxy_client_options{.source = endpoint::parse("tcp://203.0.113.7:5000"),
                                     .destination = endpoint::parse("tcp://198.51.100.1:443")};
    std::string reply;
    home.run(ask_program(home[0], front.to_string(), how, reply));
    EXPECT_EQ(reply, "you are at tcp://203.0.113.7:5000");
}

} // namespace fairlead::test
