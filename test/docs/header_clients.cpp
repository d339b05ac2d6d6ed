// The examples of clients, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <iostream>
#include <stdexcept>
#include <string>

using namespace std::literals;

namespace fairlead::docs {

namespace {

using clock = std::chrono::steady_clock;

[[maybe_unused]] boost::asio::awaitable<bool> connect_by_websocket(shard& shard) {
    const framing text = websocket{{.messages = websocket_messages::text}};
    const auto connected = co_await connect(shard, "ws://echo.example:8080/chat", text);
    co_return connected.has_value();
}

[[maybe_unused]] boost::asio::awaitable<void> limited(client& client, clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
    co_await client.request("now", left);            // errc::timed_out once the deadline has passed
    co_await client.request("whenever", no_limit);
}

boost::asio::awaitable<result<void>> log_in(session& server) {
    server.send("user ann, password secret");
    const auto reply = co_await server.receive();
    if (!reply)
        co_return reply.error();
    if (*reply != "welcome")
        co_return make_error_code(boost::system::errc::permission_denied);
    co_return result<void>{};
}

boost::asio::awaitable<void> use_client(client& backend) {
    const auto ready = co_await backend.connected(5s);
    if (!ready)
        log(ready.error().message());
    const auto sent = co_await backend.send("log this", 2s);
    if (!sent)
        log(sent.error().message());
    if (backend.state() == client_state::backing_off)
        backend.reconnect_now();
    co_await backend.close();
}

void use_options(shard& shard) {
    server small{{.threads = 2, .buffer_budget = 64 * 1024 * 1024}};
    connection_pool pool{shard, "tcp://10.0.0.7:9000", line{}, {.max = 4, .idle_timeout = 10s}};
    connect_options options{.deadline = 2s};
    options.limits.max_write_buffer = 64 * 1024 * 1024;
    options.on_connected = log_in;
    EXPECT_EQ(pool.idle(), 0u);
    EXPECT_EQ(options.deadline, 2s);
}

void use_client_options() {
    client_options options;
    options.max_in_flight = 64;
    options.on_state = [](client_state now, error_code why) { log(std::string{to_string(now)} + " " + why.message()); };
    options.on_state(client_state::closed, errc::closed);
}

std::string use_datagram_options() {
    const udp_client_options options{.multicast_ttl = 4, .multicast_interface = "eth0"};
    return options.multicast_interface;
}

std::chrono::milliseconds use_reconnect_options() {
    const reconnect_options patient{.initial_delay = 1s, .max_delay = 5min};
    return patient.max_delay;
}

std::string use_tls_client_options() {
    const tls_client_options options{.ca_file = "/etc/echo/ca.pem", .server_name = "echo.example"};
    return options.server_name;
}

[[maybe_unused]] boost::asio::awaitable<bool> connect_over_tls(shard& shard, framing rules) {
    connect_options options{.tls = {.ca_file = "/etc/echo/ca.pem"}};
    const auto connected = co_await connect(shard, "tls://echo.example:9000", rules, options);
    co_return connected.has_value();
}

[[maybe_unused]] connect_options use_proxy_client_options(const session& session) {
    connect_options options;
    options.proxy = proxy_client_options{.source = session.remote(), .destination = session.local()};
    return options;
}

[[maybe_unused]] boost::asio::awaitable<void> connect_once(shard& shard) {
    const framing rules = line{};       // named first: GCC 12 translates braces beside co_await wrongly
    const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
    if (!connected)
        throw std::runtime_error{describe(url::parse("tcp://example.org:9000"), connected.error())};
    (*connected)->send("hello");
    co_await (*connected)->close_gracefully();
}

[[maybe_unused]] boost::asio::awaitable<void> ask_backend(session& session) {
    client backend{session.shard(), "tcp://10.0.0.7:9000", length_prefixed{}};
    const auto reply = co_await backend.request("get 7", 2s);
}

[[maybe_unused]] boost::asio::awaitable<void> borrow(connection_pool& pool) {
    if (auto connection = co_await pool.acquire(2s)) {
        (*connection)->send("get 7");
        const auto reply = co_await (*connection)->receive(2s);
        if (!reply)
            connection->discard();
    }
}

[[maybe_unused]] boost::asio::awaitable<void> ping(shard& shard) {
    const auto server = co_await udp_client::connect(shard, "udp://example.org:9000");
    if (server) {
        (*server)->send("ping");
        const auto reply = co_await (*server)->receive(200ms);
        if (reply)
            std::cout << reply->text() << '\n';
    }
}

} // namespace

TEST(examples_of_headers, show_clients_and_options) {
    runtime runtime{1};
    server server{runtime};
    const endpoint at = server.listen("tcp://127.0.0.1:0", line{}, [](bytes_view, peer&) {});
    server.start();
    client backend{runtime[0], at.to_string(), line{}};
    noted.clear();
    runtime.run(use_client(backend));
    EXPECT_TRUE(noted.empty());
    EXPECT_EQ(backend.state(), client_state::closed);

    use_options(runtime[0]);
    use_client_options();
    EXPECT_EQ(use_datagram_options(), "eth0");
    EXPECT_EQ(use_reconnect_options(), 5min);
    EXPECT_EQ(use_tls_client_options(), "echo.example");
}

} // namespace fairlead::docs
