// A client that outlives its server. It repeats requests that the server may carry out twice, until there is a reply.
//
//     $ 20_retries tcp://127.0.0.1:9000 hello world &      # no server is there yet
//     $ 01_echo_server

#include <fairlead/fairlead.hpp>

#include <iostream>

using namespace std::chrono_literals;

// Returns true if there is no connection yet, no reply came in time, or the connection was lost.
bool may_pass(fairlead::error_code why) {
    return why == fairlead::errc::timed_out || why == fairlead::errc::no_reply ||
           why == fairlead::errc::connection_lost;
}

boost::asio::awaitable<void> ask(fairlead::shard& home, std::string url, std::vector<std::string> questions) {
    fairlead::client service{home, url, fairlead::length_prefixed{}}; // connects, and again whenever it has to
    for (const std::string& question : questions) {
        auto reply = co_await service.request(question, 2s);
        while (!reply && may_pass(reply.error())) {
            std::cerr << question << ": " << reply.error().message() << "; asking again\n";
            reply = co_await service.request(question, 2s);
        }
        std::cout << reply.value() << std::endl; // throws for an error that would come again
    }
    co_await service.close();
}

int main(int argc, char** argv) {
    if (argc < 3)
        return std::cerr << "usage: 20_retries URL MESSAGE…\n", 2;
    try {
        fairlead::runtime home{1};
        home.run(ask(home[0], argv[1], {argv + 2, argv + argc}));
    } catch (const std::exception& failed) {
        return std::cerr << failed.what() << '\n', 1;
    }
}
