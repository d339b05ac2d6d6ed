// The programs of docs/websocket.md.
#define main websocket_main
#include <fairlead/fairlead.hpp>

#include <exception>
#include <iostream>

// The handler of any other transport.
void shout(fairlead::bytes_view message, fairlead::peer& from) {
    from.send(fairlead::to_upper(message));
}

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " ws://HOST:PORT/PATH DIRECTORY\n";
        return 2;
    }
    fairlead::server server;
    try {
        const fairlead::websocket text{{.messages = fairlead::websocket_messages::text}};
        fairlead::websocket_server_options web;
        web.files = argv[2]; // the page comes from the same port
        const auto address = server.listen(argv[1], text, shout, {.websocket = web});
        std::cout << "listening " << address.to_string() << std::endl;
    } catch (const std::exception& refused) {
        std::cerr << refused.what() << '\n';
        return 1;
    }
    return server.run();
}
#undef main

#include "docs/program_run.hpp"
#include "integration/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace fairlead::test {

namespace {

// clang-format off
boost::asio::awaitable<void> join(session& session) {
    const auto request = session.websocket();
    const bool from_browser = request && !request->origin.empty();
    session.send(request->path + (from_browser ? " in a browser" : " in a program"));
    while (const auto message = co_await session.receive())
        session.send(*message);
}

boost::asio::awaitable<std::string> ask_by_websocket(shard& here, std::string address) {
    connect_options options;
    options.websocket.subprotocols = {"shout.v1"};
    const framing text = websocket{{.messages = websocket_messages::text}};
    const auto connected = co_await connect(here, address, text, options);
    if (!connected)
        co_return describe(url::parse(address), connected.error());
    (*connected)->send("hello");
    const auto reply = co_await (*connected)->receive();
    const std::string answer = reply ? to_string(*reply) : (*connected)->close_reason().message();
    co_await (*connected)->close_gracefully();
    co_return answer;
}
// clang-format on

boost::asio::awaitable<void> ask_into(shard& home, std::string address, std::string& answer) {
    answer = co_await ask_by_websocket(home, address);
}

std::string ask_server(std::string address) {
    std::string answer;
    runtime home{1};
    home.run(ask_into(home[0], std::move(address), answer));
    return answer;
}

} // namespace

TEST(websocket_page, serves_messages_at_the_path_of_its_url) {
    const temporary_directory folder;
    server server{{.threads = 1, .handle_signals = false}};
    websocket_server_options web;
    web.files = folder.path().string();
    const websocket text{{.messages = websocket_messages::text}};
    const std::string at = server.listen("ws://127.0.0.1:0/shout", text, shout, {.websocket = web}).to_string();
    server_run running{server};
    EXPECT_EQ(ask_server(at + "shout"), "HELLO");
    EXPECT_EQ(running.stop(), 0);
}

TEST(websocket_page, refuses_a_directory_that_is_not_there) {
    std::string words[] = {"program", "ws://127.0.0.1:0/shout", "/nowhere"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data()};
    EXPECT_EQ(websocket_main(3, arguments), 1);
}

TEST(websocket_page, tells_a_session_of_its_request) {
    server server{{.threads = 1, .handle_signals = false}};
    const websocket text{{.messages = websocket_messages::text}};
    const std::string at = server.listen("ws://127.0.0.1:0/room", text, join).to_string();
    server_run running{server};
    EXPECT_EQ(ask_server(at + "room"), "/room in a program");
    EXPECT_EQ(running.stop(), 0);
}

} // namespace fairlead::test
