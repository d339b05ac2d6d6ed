// Clients that lose no request while the servers are restarted: a request whose connection was lost is asked again. That is
// right for requests that may be carried out twice.
//
//     $ ask tcp://127.0.0.1:9000 20 10000 < /dev/null      # 20 clients; 10,000 requests, and more until the input ends
//     requests 10000 failed 0 asked_again 3 connections 41

#include <fairlead/client.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/task_group.hpp>

#include <atomic>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

struct tally {
    long wanted = 0;
    long requests = 0;
    long failed = 0;
    long asked_again = 0;
    long connections = 0;
    std::atomic<bool> input_ended{false};
};

// Sends the request until an instance replies, for ten seconds at most. Returns true if the reply belongs
// to the request.
boost::asio::awaitable<bool> ask(fairlead::client& service, const std::string& question, tally& count) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < give_up) {
        const auto reply = co_await service.request(question, 2s);
        if (reply)
            co_return *reply == question;
        ++count.asked_again;
    }
    co_return false;
}

boost::asio::awaitable<void> keep_asking(fairlead::shard& home, std::string url, int number, tally& count) {
    fairlead::client_options options;
    options.reconnect = {.initial_delay = 10ms, .max_delay = 500ms};
    options.on_state = [&count](fairlead::client_state now, fairlead::error_code) {
        count.connections += now == fairlead::client_state::connected;
    };
    fairlead::client service{home, url, fairlead::length_prefixed{}, options};
    while (count.requests < count.wanted || !count.input_ended) {
        const std::string question = "client " + std::to_string(number) + " asks " + std::to_string(++count.requests);
        const bool answered = co_await ask(service, question, count);
        count.failed += !answered;
        co_await home.sleep_for(2ms);
    }
    co_await service.close();
}

boost::asio::awaitable<void> run_clients(fairlead::shard& home, std::string url, int clients, tally& count) {
    const auto body = [&](fairlead::task_group& tasks) -> boost::asio::awaitable<void> {
        for (int number = 1; number <= clients; ++number)
            co_await tasks.start(keep_asking(home, url, number, count));
    };
    co_await fairlead::with_tasks(static_cast<std::size_t>(clients), body);
}

int main(int argc, char** argv) {
    if (argc != 4)
        return std::cerr << "usage: ask URL CLIENTS REQUESTS\n", 2;
    try {
        tally count;
        count.wanted = std::stol(argv[3]);
        std::jthread input{[&count] {
            while (std::cin.get() != std::char_traits<char>::eof()) {}
            count.input_ended = true;
        }};
        fairlead::runtime home{1};
        home.run(run_clients(home[0], argv[1], std::stoi(argv[2]), count));
        std::cout << "requests " << count.requests << " failed " << count.failed << " asked_again " << count.asked_again
                  << " connections " << count.connections << std::endl;
        return count.failed == 0 ? 0 : 1;
    } catch (const std::exception& failed) {
        return std::cerr << failed.what() << '\n', 1;
    }
}
