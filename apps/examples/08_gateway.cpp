// A gateway: lines of text in front, length-prefixed messages behind. The server and the client share a runtime.
//
//     $ 01_echo_server &
//     $ 08_gateway tcp://127.0.0.1:8000 tcp://127.0.0.1:9000 &
//     $ fairlead talk tcp://127.0.0.1:8000 --framing line

#include <fairlead/fairlead.hpp>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>

boost::asio::awaitable<void> forward(fairlead::session& visitor, fairlead::client& backend) {
    while (const auto question = co_await visitor.receive()) {
        const auto answer = co_await backend.request(to_string(*question), std::chrono::seconds(2));
        visitor.send(answer ? *answer : "no answer: " + answer.error().message());
    }
}

boost::asio::awaitable<void> stop_on_signal(fairlead::shard& shard, fairlead::server& front) {
    boost::asio::signal_set signals{shard.get_executor(), SIGINT, SIGTERM};
    co_await signals.async_wait(boost::asio::use_awaitable);
    front.stop();
    const auto drained = co_await front.drained();
    std::cout << drained.finished << " sessions finished, " << drained.cut_off << " cut off\n";
}

int main(int argc, char** argv) {
    if (argc != 3)
        return std::cerr << "usage: 08_gateway URL BACKEND-URL\n", 2;
    fairlead::runtime runtime{1}; // one thread, so that all sessions can use one client
    fairlead::client backend{runtime[0], argv[2], fairlead::length_prefixed{}};
    fairlead::server front{runtime};
    const auto address =
        front.listen(argv[1], fairlead::line{}, [&](auto& visitor) { return forward(visitor, backend); });
    front.start();
    std::cout << "listening " << address.to_string() << std::endl;
    runtime.run(stop_on_signal(runtime[0], front));
}
