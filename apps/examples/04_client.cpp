// A client: the same session as a server has, in a program that runs from top to bottom.
//
//     $ 01_echo_server &
//     $ 04_client tcp://127.0.0.1:9000 hello world

#include <fairlead/connect.hpp>
#include <fairlead/framing/length_prefixed.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

boost::asio::awaitable<void> ask(fairlead::shard& home, fairlead::url target, std::vector<std::string> questions) {
    const auto connected = co_await connect(home, target, fairlead::length_prefixed());
    if (!connected)
        throw std::runtime_error{"cannot connect to " + target.to_string() + ": " +
                                 describe(target, connected.error())};

    const auto server = *connected;
    for (const std::string& question : questions) {
        server->send(question);
        const auto answer = co_await server->receive(); // a whole message, or the reason there is none
        if (!answer)
            throw std::runtime_error{target.to_string() + ": " + server->close_reason().message()};
        std::cout << to_string(*answer) << '\n';
    }
    co_await server->close_gracefully(); // the server has got everything
}

int main(int argc, char** argv) {
    if (argc < 3)
        return std::cerr << "usage: 04_client URL MESSAGE…\n", 2;
    try {
        fairlead::runtime home{1};
        home.run(ask(home[0], fairlead::url::parse(argv[1]), {argv + 2, argv + argc}));
    } catch (const std::exception& failed) {
        return std::cerr << failed.what() << '\n', 1;
    }
}
