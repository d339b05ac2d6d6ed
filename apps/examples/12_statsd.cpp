// Counters over UDP in the way of statsd: each shard counts without a lock, and a task in the background prints the sums of each
// second.
//
//     $ 12_statsd &
//     $ printf 'visits:2|c\nerrors:1|c' > /dev/udp/127.0.0.1/8125
//     errors 1
//     visits 2

#include "statsd.hpp"

#include <fairlead/fairlead.hpp>

#include <iostream>

boost::asio::awaitable<void> print(fairlead::sharded<statsd::counts>& all) {
    statsd::counts sum;
    auto take = [&sum](statsd::counts& part) { // on the thread of each shard, one after the other
        for (const auto& [name, number] : std::exchange(part, {}))
            sum[name] += number;
    };
    co_await all.for_each(take);
    for (const auto& [name, number] : sum)
        std::cout << name << ' ' << number << std::endl;
}

int main(int argc, char** argv) {
    fairlead::sharded<statsd::counts> all; // before the server, as all that handlers use
    const auto print_each_second = [&](fairlead::shard& here) -> boost::asio::awaitable<void> {
        auto work = [&all] { return print(all); };
        if (here.index() == 0)
            co_await here.every(std::chrono::seconds(1), work); // until the server has drained
    };
    fairlead::server server{{.on_start = print_each_second}};
    const auto count = [&](auto datagram, fairlead::peer& sender) { statsd::add(datagram, all.local(sender.shard())); };
    const auto address = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:8125", count);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
