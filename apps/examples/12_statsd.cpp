// Counters over UDP in the way of statsd: each shard counts without a lock, and a task in the background prints the sums.
//
//     $ 12_statsd udp://127.0.0.1:8125 1 &
//     $ printf 'visits:2|c\nerrors:1|c' > /dev/udp/127.0.0.1/8125
//     errors 1
//     visits 2

#include <fairlead/server.hpp>
#include <fairlead/session.hpp>
#include <fairlead/sharded.hpp>

#include <charconv>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

using counts = std::map<std::string, long>;

// name:value|c, and nothing else is counted.
void count_line(counts& here, std::string_view line) {
    const auto colon = line.find(':');
    if (colon == line.npos || !line.ends_with("|c"))
        return;
    const std::string_view value = line.substr(colon + 1, line.size() - colon - 3);
    long number = 0;
    if (const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
        parsed.ec == std::errc{} && parsed.ptr == value.data() + value.size())
        here[std::string{line.substr(0, colon)}] += number;
}

// Runs once for each sender, on one shard.
boost::asio::awaitable<void> count(fairlead::session& sender, fairlead::sharded<counts>& all) {
    while (const auto datagram = co_await sender.receive()) {
        std::istringstream lines{to_string(*datagram)};
        for (std::string line; std::getline(lines, line);)
            count_line(all.local(sender.shard()), line);
    }
}

boost::asio::awaitable<void> print(fairlead::sharded<counts>& all) {
    counts sum;
    auto take = [&sum](counts& part) { // on the thread of each shard, one after the other
        for (const auto& [name, number] : std::exchange(part, {}))
            sum[name] += number;
    };
    co_await all.for_each(take);
    for (const auto& [name, number] : sum)
        std::cout << name << ' ' << number << std::endl;
}

boost::asio::awaitable<void> print_each(std::chrono::seconds interval, fairlead::shard& here,
                                        fairlead::sharded<counts>& all) {
    auto work = [&all] { return print(all); };
    if (here.index() == 0)
        co_await here.every(interval, work); // until the server has drained
}

int main(int argc, char** argv) {
    fairlead::sharded<counts> all; // before the server, as all that handlers use
    const std::chrono::seconds interval{argc > 2 ? std::stoi(argv[2]) : 10};
    fairlead::server server{{.on_start = [&](fairlead::shard& here) { return print_each(interval, here, all); }}};
    const auto handler = [&](fairlead::session& sender) { return count(sender, all); };
    const auto where = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:8125", handler);
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
