// Counters over UDP in the way of statsd: each shard counts without a lock, and a task in the background prints the sums.
//
//     $ 12_statsd udp://127.0.0.1:8125 1 &
//     $ printf 'visits:2|c\nerrors:1|c' > /dev/udp/127.0.0.1/8125
//     errors 1
//     visits 2

#include <fairlead/fairlead.hpp>

#include <iostream>
#include <map>
#include <regex>

using counts = std::map<std::string, long>;
using counts_of_shards = fairlead::sharded<counts>;

// Lines of the form name:value|c; other lines are not counted.
void count(fairlead::bytes_view datagram, counts& here) {
    static const std::regex form{R"(^([^:\n]+):(-?\d{1,9})\|c$)", std::regex::ECMAScript | std::regex::multiline};
    const std::string text = to_string(datagram);
    for (std::sregex_iterator line{text.begin(), text.end(), form}; line != std::sregex_iterator{}; ++line)
        here[(*line)[1]] += std::stol((*line)[2]);
}

boost::asio::awaitable<void> print(counts_of_shards& all) {
    counts sum;
    auto take = [&sum](counts& part) { // on the thread of each shard, one after the other
        for (const auto& [name, number] : std::exchange(part, {}))
            sum[name] += number;
    };
    co_await all.for_each(take);
    for (const auto& [name, number] : sum)
        std::cout << name << ' ' << number << std::endl;
}

int main(int argc, char** argv) {
    counts_of_shards all; // before the server, as all that handlers use
    const std::chrono::seconds interval{argc > 2 ? std::stoi(argv[2]) : 10};
    const auto print_each_interval = [&](fairlead::shard& here) -> boost::asio::awaitable<void> {
        auto work = [&all] { return print(all); };
        if (here.index() == 0)
            co_await here.every(interval, work); // until the server has drained
    };
    fairlead::server server{{.on_start = print_each_interval}};
    const auto handler = [&](auto datagram, fairlead::peer& sender) { count(datagram, all.local(sender.shard())); };
    const auto where = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:8125", handler);
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
