// fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler echo|conversation|uppercase]
//
// What a framed message costs a server of Fairlead, in nanoseconds, with both ends on one thread (see inproc_yard.hpp), as
// one line of JSON: the median and the tenth percentile of the turns.

#include "inproc_yard.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string_view>

namespace {

using namespace fairlead;
using clock_type = std::chrono::steady_clock;

struct plan {
    unsigned connections = 0, depth = 0, size = 0;
    double seconds = 0;
    std::string_view handler = "echo";
};

boost::asio::awaitable<void> converse(session& peer) {
    while (const auto message = co_await peer.receive()) {
        if (!peer.send(*message))
            break;
    }
}

handler make_handler(std::string_view name) {
    if (name == "conversation")
        return handler{converse};
    if (name == "uppercase")
        return handler{uppercase()};
    bench::require(name == "echo", "--handler is echo, conversation or uppercase");
    return handler{echo()};
}

plan parse(int count, char** arguments) {
    plan wanted;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view option = arguments[i];
        if (option == "--handler")
            wanted.handler = arguments[i + 1];
        else if (option == "--inproc")
            bench::require(std::sscanf(arguments[i + 1], "%u,%u,%u,%lf", &wanted.connections, &wanted.depth,
                                       &wanted.size, &wanted.seconds) == 4,
                           "--inproc takes CONNECTIONS,DEPTH,SIZE,SECONDS");
        else
            bench::require(false, "options are --inproc and --handler");
    }
    bench::require(wanted.connections > 0 && wanted.depth > 0, "usage: fairlead-inproc --inproc N,D,SIZE,SECONDS");
    return wanted;
}

void measure(const plan& wanted) {
    constexpr int warm_up = 20;
    constexpr std::size_t least_turns = 50;
    const std::string burst = bench::make_burst(wanted.depth, wanted.size);
    bench::inproc_yard yard{wanted.connections, make_handler(wanted.handler)};
    const std::string expected =
        wanted.handler == "uppercase" ? bench::make_burst(wanted.depth, wanted.size, 'X') : burst;
    const double messages = double(wanted.connections) * wanted.depth;
    const auto end = clock_type::now() + std::chrono::duration<double>(wanted.seconds);
    std::vector<double> costs;
    for (int turn = 0; clock_type::now() < end || costs.size() < least_turns; ++turn) {
        yard.send(burst);
        const auto begin = clock_type::now();
        yard.run();
        const std::chrono::duration<double, std::nano> spent = clock_type::now() - begin;
        yard.collect(expected);
        if (turn >= warm_up)
            costs.push_back(spent.count() / messages);
    }
    std::sort(costs.begin(), costs.end());
    std::printf("{\"mode\":\"inproc\",\"connections\":%u,\"pipeline\":%u,\"size\":%u,\"turns\":%zu,"
                "\"ns_p10\":%.1f,\"ns_p50\":%.1f}\n",
                wanted.connections, wanted.depth, wanted.size, costs.size(), costs[costs.size() / 10],
                costs[costs.size() / 2]);
}

} // namespace

int main(int count, char** arguments) {
    try {
        measure(parse(count, arguments));
        return 0;
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "fairlead-inproc: %s\n", failed.what());
        return 1;
    }
}
