// A transport of one's own: two sessions talk through streams that mask their bytes. docs/transport.md explains how to
// write one. Here both ends live in memory; any other stream serves as well.
//
//     $ 09_own_stream secret hello world
//     HELLO
//     WORLD

#include "masked_stream.hpp"

#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <iostream>

using shared_session = std::shared_ptr<fairlead::session>;

boost::asio::awaitable<void> talk(shared_session client, shared_session server, std::vector<std::string> questions) {
    for (const std::string& each : questions) {
        client->send(each);
        const auto question = co_await server->receive();
        server->send(fairlead::to_upper(question.value()));
        const auto reply = co_await client->receive();
        std::cout << to_string(reply.value()) << '\n';
    }
    co_await client->shutdown(); // no more questions: the server need not wait for any
    co_await server->close_gracefully();
}

int main(int argc, char** argv) {
    if (argc < 3 || !*argv[1])
        return std::cerr << "usage: 09_own_stream KEY MESSAGE…\n", 2;
    fairlead::runtime home{1};
    const auto over = [&](std::unique_ptr<fairlead::stream> inner) {
        auto masked = std::make_unique<masked_stream>(std::move(inner), argv[1]);
        return fairlead::session::create(home[0], std::move(masked), fairlead::length_prefixed{});
    };
    auto [near, far] = fairlead::testkit::make_memory_streams(home[0]);
    home.run(talk(over(std::move(near)), over(std::move(far)), {argv + 2, argv + argc}));
}
