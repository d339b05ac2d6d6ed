// The C++ of docs/clients.md.
#define main clients_main
#include <fairlead/fairlead.hpp>

#include <iostream>
#include <stdexcept>

using namespace std::chrono_literals;

boost::asio::awaitable<void> ask_service(fairlead::shard& home, std::string address) {
    fairlead::client service{home, address, fairlead::length_prefixed{}};
    const auto reply = co_await service.request("hello", 2s); // by as many coroutines as there are
    if (!reply) {
        const auto why = service.last_error(); // why there is no connection, if there is none
        throw std::runtime_error{"no reply: " + (why ? why : reply.error()).message()};
    }
    std::cout << *reply << '\n';
    co_await service.close();
}

int main(int argc, char** argv) {
    fairlead::runtime runtime{1};
    try {
        runtime.run(ask_service(runtime[0], argc > 1 ? argv[1] : "tcp://127.0.0.1:9000"));
        return 0;
    } catch (const std::exception& failed) {
        return std::cerr << failed.what() << '\n', 1;
    }
}
#undef main

#include "docs/program_run.hpp"

#include <boost/asio/use_future.hpp>

boost::asio::awaitable<void> talk_once(fairlead::shard& home, std::string address) {
    // () and not {}: GCC 12 translates braces beside co_await wrongly
    const auto connected = co_await connect(home, address, fairlead::length_prefixed());
    if (!connected)
        throw std::runtime_error{describe(fairlead::url::parse(address), connected.error())};
    const auto server = *connected; // a session, as handlers have them
    server->send("hello");
    const auto reply = co_await server->receive(2s);
    std::cout << (reply ? to_string(*reply) : reply.error().message()) << '\n';
    co_await server->close_gracefully(); // else the connection is closed at once, and sent messages may be lost
}

boost::asio::awaitable<fairlead::result<void>> log_in_as_ann(fairlead::session& server) {
    server.send("user ann, password secret");
    const auto reply = co_await server.receive();
    if (!reply)
        co_return reply.error();
    if (*reply != "welcome")
        co_return make_error_code(boost::system::errc::permission_denied);
    co_return fairlead::result<void>{};
}

fairlead::client_options with_login() {
    fairlead::client_options options;
    options.connect.on_connected = log_in_as_ann; // for `connect`, pools and `send_files` it is the same option
    options.on_state = [](fairlead::client_state now, fairlead::error_code why) {
        if (now == fairlead::client_state::backing_off)
            std::cerr << "no connection: " << why.message() << '\n';
    };
    return options;
}

boost::asio::awaitable<std::string> ask_in_turn(fairlead::connection_pool& servers) {
    auto taken = co_await servers.acquire(1s);
    if (!taken)
        co_return "none is free: " + taken.error().message();
    (*taken)->send("question");
    const auto reply = co_await (*taken)->receive(2s);
    if (!reply) {
        taken->discard(); // a late reply would be taken for the reply to the next question
        co_return "no reply: " + reply.error().message();
    }
    co_return to_string(*reply);
}

// Called on a thread that does not run the shard.
std::string ask_from_outside(fairlead::shard& home, fairlead::client& service) {
    std::future<fairlead::result<std::string>> reply =
        boost::asio::co_spawn(home.get_executor(), service.request("question", 2s), boost::asio::use_future);
    return reply.get().value();
}

boost::asio::awaitable<std::string> ask_by_datagram(fairlead::shard& home, std::string address) {
    const auto connected = co_await fairlead::udp_client::connect(home, address);
    const auto& server = connected.value();
    for (int tries = 0; tries < 3; ++tries) {
        server->send("question");
        const auto reply = co_await server->receive(500ms); // errc::timed_out: ask again, under the same number
        if (reply)
            co_return to_string(*reply);
    }
    co_return "no reply";
}

namespace fairlead::test {

TEST(clients_page, asks_by_all_kinds_of_clients) {
    server server;
    const std::string frames = server.listen("tcp://127.0.0.1:0", length_prefixed{}, echo("re: ")).to_string();
    const std::string lines = server.listen("tcp://127.0.0.1:0", line{}, echo("re: ")).to_string();
    const std::string datagrams = server.listen("udp://127.0.0.1:0", echo("re: ")).to_string();
    server_run running{server};

    std::string program = "clients", address = frames;
    std::array<char*, 2> words{program.data(), address.data()};
    EXPECT_EQ(clients_main(2, words.data()), 0);

    runtime home{1};
    home.run(talk_once(home[0], frames));
    connection_pool servers{home[0], lines, line{}, {.max = 4}};
    client service{home[0], frames, length_prefixed{}};
    texts replies;
    const auto ask_all = [&]() -> boost::asio::awaitable<void> {
        replies.push_back(co_await ask_in_turn(servers));
        replies.push_back(co_await ask_by_datagram(home[0], datagrams));
    };
    home.run(ask_all());
    EXPECT_EQ(replies, (texts{"re: question", "re: question"}));
    std::jthread serving{[&] { home.run(); }};
    EXPECT_EQ(ask_from_outside(home[0], service), "re: question");
    home.stop();
}

namespace {

boost::asio::awaitable<void> welcome_ann(session& visitor) {
    while (const auto message = co_await visitor.receive()) {
        const bool login = message->text() == "user ann, password secret";
        visitor.send(login ? "welcome" : "re: " + to_string(*message));
    }
}

boost::asio::awaitable<void> ask_once(client& service, std::string& seen) {
    const auto reply = co_await service.request("question", 20s);
    seen = reply ? *reply : reply.error().message();
}

} // namespace

TEST(clients_page, logs_in_on_each_connection) {
    server server;
    const std::string address = server.listen("tcp://127.0.0.1:0", length_prefixed{}, welcome_ann).to_string();
    server_run running{server};
    runtime home{1};
    client service{home[0], address, length_prefixed{}, with_login()};
    std::string seen;
    home.run(ask_once(service, seen));
    EXPECT_EQ(seen, "re: question");
}

} // namespace fairlead::test
