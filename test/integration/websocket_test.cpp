// Servers at ws:// and wss://, and clients of them, over sockets.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"
#include "integration/support/with_path.hpp"
#include "support/log_lines.hpp"

#include <fairlead/client.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/malformed_message.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

constexpr const char* anywhere = "ws://127.0.0.1:0/";

// Says what it was asked for, then echoes.
boost::asio::awaitable<void> tell_request(session& peer) {
    const auto asked = peer.websocket();
    peer.send(asked->path + "?" + asked->query + " from " + asked->origin + " with " + asked->subprotocol);
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message)
            co_return;
        peer.send(*message);
    }
}

// A request as a browser makes it.
std::string upgrade(std::string_view path, std::string_view more = "") {
    return "GET " + std::string{path} +
           " HTTP/1.1\r\nHost: echo.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
           std::string{more} + "\r\n";
}

std::string masked(std::string_view text) {
    std::string frame{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    return frame += text;
}

std::string status_of(const std::string& answer) {
    return answer.substr(0, answer.find('\r'));
}

/// Clients on a shard.
class websockets : public ::testing::Test {
protected:
    websockets() { home.run(); }

    std::string ask(const std::string& where, std::string text, connect_options how = {}) {
        return home.await(asked(where, std::move(text), std::move(how)));
    }

    // What the server says first and answers to a request that is no upgrade, or ends the connection with.
    std::string answer_to(const endpoint& server, const std::string& request) {
        client peer{server};
        peer.write(request);
        peer.end_writing();
        return peer.read_to_end();
    }

    const log_lines log;
    background_shard home;

private:
    boost::asio::awaitable<std::string> asked(std::string where, std::string text, connect_options how) {
        const framing rules = websocket{};
        const auto connected = co_await connect(*home, where, rules, how);
        if (!connected)
            co_return "not connected: " + connected.error().message();
        session& server = **connected;
        server.send(text);
        const auto reply = co_await server.receive();
        std::string said = reply ? to_string(*reply) : "no reply: " + server.close_reason().message();
        co_await server.close_gracefully();
        co_return said;
    }
};

} // namespace

TEST_F(websockets, have_the_handlers_of_other_transports) {
    running_server per_message{websocket{}, uppercase(), test_options(), anywhere};
    EXPECT_EQ(per_message.where().to_string().find("ws://127.0.0.1:"), 0u);
    EXPECT_EQ(ask(per_message.where().to_string(), "hello"), "HELLO");
    EXPECT_EQ(ask(per_message.where().to_string(), std::string(100'000, 'a')), std::string(100'000, 'A'));
    EXPECT_EQ(per_message.statistics_after(2).closed.by_peer, 2u);
    EXPECT_EQ(per_message.stop(), 0);
    running_server per_session{websocket{}, tell_request, test_options(), anywhere};
    EXPECT_EQ(ask(with_path(per_session.where(), "/?a=b"), "hello"), "/?a=b from  with ");
    EXPECT_EQ(per_session.statistics_after(1).accepted, 1u);
}

TEST_F(websockets, of_a_client_reconnect_and_answer_requests) {
    running_server server{websocket{}, echo("re: "), test_options(), anywhere};
    const auto request = [](shard& here, std::string where) -> boost::asio::awaitable<std::string> {
        const framing messages = websocket{};
        fairlead::client asking{here, where, messages};
        const auto reply = co_await asking.request("hello", 20s);
        co_return reply ? *reply : reply.error().message();
    };
    EXPECT_EQ(home.await(request(*home, server.where().to_string())), "re: hello");
}

TEST_F(websockets, are_served_by_path) {
    listen_options how;
    how.websocket.paths = {{"/shout", uppercase()}};
    running_server server{websocket{}, echo(), test_options(), "ws://127.0.0.1:0/echo", how};
    EXPECT_EQ(ask(with_path(server.where(), "/echo"), "hello"), "hello");
    EXPECT_EQ(ask(with_path(server.where(), "/shout?x"), "hello"), "HELLO");
    EXPECT_EQ(ask(with_path(server.where(), "/none"), "hello"),
              "not connected: " + make_error_code(errc::upgrade_refused).message());
    EXPECT_TRUE(log.soon("404, there is no WebSocket at this path; served: /echo, /shout")) << log.text();
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(websockets, agree_on_the_best_subprotocol_of_the_server) {
    listen_options how;
    how.websocket.subprotocols = {"chat.v2", "chat.v1"};
    how.websocket.origins = {"https://chat.example"};
    running_server server{websocket{}, tell_request, test_options(), anywhere, how};
    connect_options asks;
    asks.websocket = {.origin = "https://chat.example", .subprotocols = {"chat.v1", "chat.v2"}};
    EXPECT_EQ(ask(server.where().to_string(), "hello", asks), "/? from https://chat.example with chat.v2");
    asks.websocket.subprotocols = {"other"};
    EXPECT_EQ(ask(server.where().to_string(), "hello", asks), "/? from https://chat.example with ");
}

TEST_F(websockets, from_pages_of_another_origin_are_refused) {
    running_server server{websocket{}, echo(), test_options(), anywhere};
    const std::string refused = answer_to(server.where(), upgrade("/", "Origin: https://evil.example\r\n"));
    EXPECT_EQ(status_of(refused), "HTTP/1.1 403 Forbidden");
    EXPECT_NE(refused.find("pages of 'https://evil.example' may not connect here"), std::string::npos) << refused;
    EXPECT_TRUE(log.soon("no WebSocket at '/': 403, pages of 'https://evil.example' may not connect")) << log.text();
    client own{server.where()};
    own.write(upgrade("/", "Origin: http://echo.example\r\n"));
    EXPECT_EQ(own.read(12), "HTTP/1.1 101");
}

TEST_F(websockets, need_an_upgrade_of_http) {
    running_server server{websocket{}, echo(), test_options(), anywhere};
    const std::string page = answer_to(server.where(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status_of(page), "HTTP/1.1 426 Upgrade Required");
    EXPECT_NE(page.find("Upgrade: websocket\r\n"), std::string::npos) << page;
    EXPECT_EQ(status_of(answer_to(server.where(), "hello\r\n\r\n")), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_of(answer_to(server.where(), "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n")),
              "HTTP/1.1 431 Request Header Fields Too Large");
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(websockets, take_messages_that_come_with_the_request_and_byte_by_byte) {
    running_server server{websocket{{.messages = websocket_messages::text}}, echo(), test_options(), anywhere};
    client at_once{server.where()};
    at_once.write(upgrade("/") + masked("hello"));
    at_once.end_writing();
    const std::string answered = at_once.read_to_end();
    EXPECT_NE(answered.find("\r\n\r\n\x81\x05hello"), std::string::npos) << escape(answered);
    client drips{server.where()};
    drips.write_byte_by_byte(upgrade("/") + masked("hello"));
    drips.end_writing();
    EXPECT_EQ(status_of(drips.read_to_end()), "HTTP/1.1 101 Switching Protocols");
}

TEST_F(websockets, that_never_ask_end_at_the_deadline_of_the_first_message) {
    limits hasty;
    hasty.first_message_timeout = 2s; // enough for half a request
    running_server server{websocket{}, echo(), test_options(), anywhere, {.limits = hasty}};
    client silent{server.where()};
    client stalls{server.where()};
    stalls.write("GET / HTTP/1.1\r\nHost:");
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(status_of(stalls.read_to_end()), "HTTP/1.1 408 Request Timeout");
}

TEST_F(websockets, of_a_stopping_server_are_told_that_it_goes_away) {
    running_server server{websocket{}, echo(), test_options(), anywhere};
    client peer{server.where()};
    peer.write(upgrade("/"));
    EXPECT_EQ(peer.read(12), "HTTP/1.1 101");
    server.server().stop();
    const std::string going_away{"\x88\x02\x03\xE9", 4};
    std::string said;
    while (said.find(going_away) == std::string::npos)
        said += peer.read(1);
    peer.write(std::string{"\x88\x82\0\0\0\0\x03\xE9", 8});
    EXPECT_EQ(peer.read_to_end(), "");
    EXPECT_EQ(server.wait(), 0);
}

TEST_F(websockets, whose_handler_throws_are_told_of_an_error) {
    const auto fails = [](bytes_view, peer&) { throw std::runtime_error{"on purpose"}; };
    running_server server{websocket{}, fails, test_options(), anywhere};
    client peer{server.where()};
    peer.write(upgrade("/") + masked("hello") + std::string{"\x88\x82\0\0\0\0\x03\xE8", 8});
    peer.end_writing();
    const std::string said = peer.read_to_end();
    EXPECT_NE(said.find(std::string{"\x88\x02\x03\xF3", 4}), std::string::npos) << escape(said);
    EXPECT_EQ(server.statistics_after(1).closed.handler_failed, 1u);
}

TEST_F(websockets, whose_message_the_handler_refuses_are_told_of_a_violation) {
    const auto refuse = [](bytes_view, peer&) { throw malformed_message{"no order"}; };
    running_server server{websocket{}, refuse, test_options(), anywhere};
    const std::string said = ask(server.where().to_string(), "hello");
    EXPECT_NE(said.find("policy_violation"), std::string::npos) << said;
    EXPECT_EQ(server.statistics_after(1).closed.malformed, 1u);
}

TEST_F(websockets, whose_message_the_handler_finds_too_large_are_told_so) {
    const auto refuse = [](bytes_view, peer&) { throw oversized_message{"an order has up to 4 bytes"}; };
    running_server server{websocket{}, refuse, test_options(), anywhere};
    const std::string said = ask(server.where().to_string(), "hello");
    EXPECT_NE(said.find("message_too_large"), std::string::npos) << said;
    EXPECT_EQ(server.statistics_after(1).closed.message_too_large, 1u);
}

TEST_F(websockets, of_http_answer_many_requests_that_come_at_once) {
    const temporary_directory folder;
    std::ofstream{folder / "a"} << "data";
    listen_options how;
    how.websocket.files = folder.path().string();
    running_server server{websocket{}, echo(), test_options(), "ws://127.0.0.1:0/echo", how};
    std::string requests;
    for (int i = 0; i < 200; ++i)
        requests += i % 2 == 0 ? "GET /none HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string answers = answer_to(server.where(), requests);
    std::size_t found = 0;
    for (auto at = answers.find("HTTP/1.1 "); at != answers.npos; at = answers.find("HTTP/1.1 ", at + 1))
        ++found;
    EXPECT_EQ(found, 200u);
}

TEST_F(websockets, share_their_port_with_the_files_of_a_directory) {
    const temporary_directory folder;
    std::ofstream{folder / "index.html"} << "<p>hello";
    std::ofstream{folder / "page.js"} << "let a;";
    std::ofstream{folder / ".secret"} << "secret";
    listen_options how;
    how.websocket.files = folder.path().string();
    running_server server{websocket{}, echo(), test_options(), "ws://127.0.0.1:0/echo", how};
    client browser{server.where()};
    browser.write("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /page.js?1 HTTP/1.1\r\nHost: a\r\n\r\n"
                  "GET /../.secret HTTP/1.1\r\nHost: a\r\n\r\nGET /.secret HTTP/1.1\r\nHost: a\r\n\r\n"
                  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" +
                  upgrade("/echo"));
    std::string all = browser.read(1);
    while (all.find("101 Switching") == std::string::npos)
        all += browser.read(1);
    EXPECT_NE(all.find("Content-Type: text/html; charset=utf-8\r\n"), std::string::npos) << all;
    EXPECT_NE(all.find("<p>hello"), std::string::npos);
    EXPECT_NE(all.find("let a;"), std::string::npos);
    EXPECT_EQ(all.find("secret"), std::string::npos) << all;
    EXPECT_NE(all.find("405 Method Not Allowed"), std::string::npos);
    EXPECT_EQ(ask(with_path(server.where(), "/echo"), "hello"), "hello");
}

TEST_F(websockets, share_their_port_with_files_of_many_pieces) {
    const temporary_directory folder;
    std::string large;
    while (large.size() < 300'000)
        large += std::to_string(large.size()) + ' ';
    std::ofstream{folder / "large.txt"} << large;
    std::ofstream{folder / "empty"};
    listen_options how;
    how.websocket.files = folder.path().string();
    running_server server{websocket{}, echo(), test_options(), "ws://127.0.0.1:0/echo", how};
    const std::string answers = answer_to(server.where(), "GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                                                          "HEAD /large.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                                                          "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string length = "Content-Length: " + std::to_string(large.size()) + "\r\n";
    const auto body = answers.find(large);
    ASSERT_NE(body, std::string::npos) << answers.substr(0, 1000);
    EXPECT_LT(answers.find(length), body);
    const std::string after = answers.substr(body + large.size());
    EXPECT_EQ(after.find("HTTP/1.1 200 OK"), 0u) << after;
    EXPECT_NE(after.find(length), std::string::npos) << after;
    EXPECT_NE(after.find("Content-Length: 0\r\n"), std::string::npos) << after;
    EXPECT_LT(after.size(), 2'000u) << "HEAD has no body";
}

TEST_F(websockets, are_refused_what_does_not_fit_their_urls) {
    server server{test_options()};
    const auto fault = [&](std::string_view where, framing rules, const listen_options& how = {}) -> std::string {
        try {
            server.listen(where, std::move(rules), echo(), how);
            return "none";
        } catch (const std::invalid_argument& refused) {
            return refused.what();
        }
    };
    listen_options twice, files, protocols, origins;
    twice.websocket.paths = {{"/a", echo()}, {"/a", echo()}};
    files.websocket.files = "/nowhere";
    protocols.websocket.subprotocols = {"a b"};
    origins.websocket.origins = {"chat.example"};
    EXPECT_NE(fault("ws://127.0.0.1:0/", length_prefixed{}).find("give websocket{} in its place"), std::string::npos);
    EXPECT_NE(fault("tcp://127.0.0.1:0", websocket{}).find("needs a framing"), std::string::npos);
    EXPECT_NE(fault("tcp://127.0.0.1:0", length_prefixed{}, files).find("speaks no WebSocket"), std::string::npos);
    EXPECT_NE(fault("ws://127.0.0.1:0/a?b", websocket{}).find("has no '?'"), std::string::npos);
    EXPECT_NE(fault("ws://127.0.0.1:0/", websocket{}, twice).find("two handlers for '/a'"), std::string::npos);
    EXPECT_NE(fault("ws://127.0.0.1:0/", websocket{}, protocols).find("no name of a subprotocol"), std::string::npos);
    EXPECT_NE(fault("ws://127.0.0.1:0/", websocket{}, origins).find("is no origin"), std::string::npos);
    EXPECT_THROW(server.listen("ws://127.0.0.1:0/", websocket{}, echo(), files), boost::system::system_error);
    EXPECT_THROW(websocket({.max_message = 0}), std::invalid_argument);
}

} // namespace fairlead::test
