// A client that outlives its server. It repeats requests that the server may carry out twice, until there is a reply.
//
//     $ 20_retries tcp://127.0.0.1:9000 hello world &      # no server is there yet
//     $ 01_echo_server

#include <fairlead/client.hpp>
#include <fairlead/framing/length_prefixed.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

boost::asio::awaitable<std::string> ask(fairlead::client& service, std::string question) {
    for (;;) {
        const auto reply = co_await service.request(question, 2s);
        if (reply)
            co_return *reply;
        const bool may_have_acted =
            reply.error() == fairlead::errc::no_reply || reply.error() == fairlead::errc::connection_lost;
        if (!may_have_acted && reply.error() != fairlead::errc::timed_out)
            throw std::runtime_error{question + ": " + reply.error().message()}; // asking again would not help
        std::cerr << question << ": " << reply.error().message() << "; asking again\n";
    }
}

boost::asio::awaitable<void> ask_all(fairlead::shard& home, std::string url, std::vector<std::string> questions) {
    fairlead::client service{home, url, fairlead::length_prefixed{}}; // connects, and again whenever it has to
    for (const std::string& question : questions)
        std::cout << co_await ask(service, question) << std::endl;
    co_await service.close();
}

int main(int argc, char** argv) {
    if (argc < 3)
        return std::cerr << "usage: 20_retries URL MESSAGE…\n", 2;
    try {
        fairlead::runtime home{1};
        home.run(ask_all(home[0], argv[1], {argv + 2, argv + argc}));
    } catch (const std::exception& failed) {
        return std::cerr << failed.what() << '\n', 1;
    }
}
