// A transport of one's own: two sessions talk through streams that mask their bytes. docs/transport.md explains how to
// write one. Here both ends live in memory; any other stream serves as well.
//
//     $ 09_own_stream secret hello world
//     HELLO
//     WORLD

#include "masked_stream.hpp"

#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <boost/asio/co_spawn.hpp>
#include <iostream>
#include <string>
#include <vector>

boost::asio::awaitable<void> answer(std::shared_ptr<fairlead::session> client) {
    while (const auto question = co_await client->receive())
        client->send(fairlead::to_upper(*question));
    co_await client->close_gracefully();
}

boost::asio::awaitable<void> ask(std::shared_ptr<fairlead::session> server, std::vector<std::string> questions) {
    for (const std::string& question : questions) {
        server->send(question);
        const auto reply = co_await server->receive();
        std::cout << (reply ? to_string(*reply) : reply.error().message()) << '\n';
    }
    co_await server->close_gracefully();
}

int main(int argc, char** argv) {
    if (argc < 3 || !*argv[1])
        return std::cerr << "usage: 09_own_stream KEY MESSAGE…\n", 2;
    fairlead::runtime home{1};
    const auto over = [&](std::unique_ptr<fairlead::stream> inner) {
        auto transport = std::make_unique<masked_stream>(std::move(inner), argv[1]);
        return fairlead::session::create(home[0], std::move(transport), fairlead::line{});
    };
    auto [near, far] = fairlead::testkit::make_memory_streams(home[0]);
    co_spawn(home[0].get_executor(), answer(over(std::move(far))), [](std::exception_ptr) {});
    home.run(ask(over(std::move(near)), {argv + 2, argv + argc}));
}
