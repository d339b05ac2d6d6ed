// The examples of servers, their options and metrics, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/websocket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

using clock = std::chrono::steady_clock;

[[maybe_unused]] void listen_by_websocket(server& server, handler shout, handler chat, handler feed) {
    const websocket_options for_browsers{.messages = websocket_messages::text, .max_message = 4096};
    server.listen("ws://0.0.0.0:8080/shout", websocket{}, shout);
    const websocket_server_options web{.paths = {{"/feed", feed}}, .files = "/usr/share/chat"};
    server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat, {.websocket = web});
    const websocket text{{.messages = websocket_messages::text}};
    const websocket_path prices{.path = "/feed", .serve = feed, .messages = text};
    static_cast<void>(prices);
    connect_options options{.websocket = {.headers = {{"Authorization", "Bearer abc"}}}};
    static_cast<void>(for_browsers);
    static_cast<void>(options);
}

boost::asio::awaitable<void> stop_server(server& server) {
    log(to_string(server.statistics()));
    server.stop();
    const drain_result ended = co_await server.drained();
    log(std::to_string(ended.finished));
}

[[maybe_unused]] void count_orders(server& server) {
    const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.");
    taken.add();
    std::ofstream{"/var/lib/node_exporter/orders.prom"} << server.metrics_text();
}

[[maybe_unused]] void watch(server& server) {
    server.admin("tcp://127.0.0.1:9901");
    server.admin("unix:///run/echo-admin.sock");
    admin_options guarded;
    guarded.token_file = "/etc/echo/admin-token";
    server.admin("tcp://127.0.0.1:9901", guarded);
}

std::string observe_orders(server& server, const counter_metric& bytes_stored, std::uint64_t file_size) {
    const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.", {{"kind", "new"}});
    const gauge_metric open = server.metrics().gauge("orders_open", "Orders that wait for a courier.");
    const gauge_metric& queue_length = open;
    const histogram_metric waited =
        server.metrics().histogram("order_wait_seconds", "Time from order to courier.", {0.1, 0.5, 1, 5});
    taken.add();
    bytes_stored.add(file_size);
    queue_length.set(0.5);
    waited.observe(0.042);
    const auto begin = clock::now() + 1h;   // so that the time is negative, and counts as 0
    waited.observe(clock::now() - begin);
    return server.metrics_text();
}

void stop_elsewhere(server& server) {
    std::jthread stopper{[&server] { server.stop(); }};
}

[[maybe_unused]] int run_server() {
    server server;                                                    // one thread per core
    server.listen("tcp://0.0.0.0:9000", length_prefixed{}, echo());
    return server.run();                                              // until SIGINT or SIGTERM, then drains
}

[[maybe_unused]] void run_gateway(const session_handler& serve_front) {
    runtime runtime{1};
    client backend{runtime[0], "tcp://10.0.0.7:9000", length_prefixed{}};
    server front{runtime};
    front.listen("tcp://0.0.0.0:8000", line{}, serve_front);
    front.start();
    runtime.run();
}

std::size_t use_tls_options() {
    const tls_server_options options{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
    return options.certificates.size();
}

[[maybe_unused]] void listen_over_tls(server& server) {
    const tls_server_options tls{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
    const listen_options options{.limits = limits{.max_sessions = 100}, .tls = tls};
    server.listen("tls://0.0.0.0:9000", length_prefixed{}, echo(), options);
    server.listen("tls://0.0.0.0:9000", length_prefixed{}, echo(), {.tls = tls});
}

[[maybe_unused]] void check_files(const tls_server_options& options) {
    validate(options);                      // before server::reload_certificates
}

[[maybe_unused]] void reload_on_hangup(server_options& options, server*& running) {
    options.on_reload = [&running] {
        running->reload_certificates();
        return std::string{"certificates were read again"};
    };
    set_log_format(log_format::json);
    set_log_level(log_level::debug);        // also the lines of `logged`
    set_status_line("3 sessions, 1.2 GiB");
}

void read_configuration() {}

void use_service_manager() {
    server server{{.notify_service_manager = true}};
    notify_service_manager("STATUS=12 orders wait for the bank");
    notify_reloading();
    read_configuration();
    notify_reloaded();
}

[[maybe_unused]] void use_passed_sockets(server& server) {
    for (passed_socket& each : take_passed_sockets())
        server.adopt("tcp://0.0.0.0:9000", std::move(each));
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
}

[[maybe_unused]] void use_one_passed_socket(server& server) {
    passed_socket web{3, "web"};
    std::vector<passed_socket> passed = take_passed_sockets();
    server.adopt("tcp://0.0.0.0:9000", std::move(passed.at(0)));
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
}

[[maybe_unused]] int use_hand_over(server& server) {
    const auto path = "unix:///run/echo.sock";
    server.take_over(path);                              // false: it is the first
    server.listen("tcp://0.0.0.0:9000", line{}, echo());
    server.hand_over(path);
    return server.run();
}

[[maybe_unused]] void offer_sockets(server& server) {
    server.hand_over("unix:///run/echo.sock");
}

std::size_t use_proxy_server_options() {
    const proxy_server_options options{.trusted = {address_range::parse("10.0.0.0/8")}};
    return options.trusted.size();
}

[[maybe_unused]] void change_listeners(server& server, const endpoint& at) {
    const endpoint extra = server.listen("tcp://127.0.0.1:0", line{}, echo());
    server.unlisten(extra);                                 // its sessions continue
    if (auto bounds = server.limits(at)) {
        bounds->max_sessions = 100;
        server.set_limits(at, *bounds);
    }
    server.unlisten(at);                    // `at`: returned by listen
    server.set_proxies(at, {.trusted = {address_range::parse("10.0.0.0/8")}});
}

[[maybe_unused]] void change_websocket(server& server, handler chat) {
    endpoint at = server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat);
    at = server.change(at, "ws://0.0.0.0:8080/rooms", websocket{}, chat, {});
    for (const std::string& each : server.urls(at))
        log(each);                          // ws://127.0.0.1:8080/rooms
}

[[maybe_unused]] void renew_certificates(server& server, const endpoint& at) {
    const auto tell_operator = [](const char*) {};
    try {
        server.reload_certificates();
    } catch (const std::invalid_argument& refused) {
        tell_operator(refused.what());      // "tls://0.0.0.0:9000 keeps its certificates: the TLS file …"
    }
    server.reload_certificates(at);
}

[[maybe_unused]] void push(server& server, const endpoint& at, const endpoint& address) {
    const udp_sender out = server.sender(at);                       // `at`: returned by listen
    const peer_handle subscriber = out.known_peer(address);
    subscriber.send("news");
}

[[maybe_unused]] void push_once(server& server, const endpoint& at, const endpoint& address) {
    const udp_sender out = server.sender(at);
    out.known_peer(address).send("news");
}

} // namespace

TEST(examples_of_headers, show_addresses) {
    const std::string host = url::parse("tcp://[::1]:9000").host;      // ::1
    EXPECT_EQ(host, "::1");

    const endpoint local = endpoint::parse("tcp://127.0.0.1:9000");
    EXPECT_EQ(local.port(), 9000);

    server server;
    const endpoint at = server.listen("tcp://127.0.0.1:0", line{}, echo());
    std::cout << at.to_string();            // tcp://127.0.0.1:40231
    EXPECT_TRUE(at.to_string().starts_with("tcp://127.0.0.1:"));
}

TEST(examples_of_headers, show_stops) {
    runtime runtime{1};
    server server{runtime};
    server.listen("tcp://127.0.0.1:0", line{}, echo());
    server.start();
    noted.clear();
    runtime.run(stop_server(server));
    EXPECT_EQ(noted.back(), "0");
    stop_elsewhere(server);
}

TEST(examples_of_headers, show_options_of_servers) {
    use_service_manager();
    EXPECT_EQ(use_tls_options(), 1u);
    EXPECT_EQ(use_proxy_server_options(), 1u);
}

TEST(examples_of_headers, show_metrics) {
    std::ostringstream shown;
    auto* const before = std::cout.rdbuf(shown.rdbuf());
    metrics own;
    const counter_metric taken = own.counter("orders_total", "Orders taken.");
    taken.add();
    std::cout << own.text();                // … orders_total 1
    std::cout.rdbuf(before);
    EXPECT_NE(shown.str().find("orders_total 1"), std::string::npos);

    server server{{.threads = 1}};
    const std::string text = observe_orders(server, own.counter("stored_bytes_total", "Bytes stored."), 7);
    EXPECT_NE(text.find("orders_total{kind=\"new\"} 1"), std::string::npos);
    EXPECT_NE(text.find("orders_open 0.5"), std::string::npos);
    EXPECT_NE(text.find("order_wait_seconds_sum 0.042"), std::string::npos);
}

} // namespace fairlead::docs
