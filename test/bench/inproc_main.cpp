// fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler echo|session-handler|uppercase]
//                 [--threads N]
//
// What a framed message costs a server of Fairlead, in nanoseconds, with both ends on one thread (see inproc.hpp). Of
// several threads each has a shard, as many connections, both ends of them, and a core; each prints its line.

#include "inproc_yard.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <future>
#include <pthread.h>
#include <sched.h>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace fairlead;

boost::asio::awaitable<void> converse(session& peer) {
    while (const auto message = co_await peer.receive()) {
        if (!peer.send(*message))
            break;
    }
}

handler make_handler(std::string_view name) {
    if (name == "session-handler")
        return handler{converse};
    if (name == "uppercase")
        return handler{uppercase()};
    bench::require(name == "echo", "--handler is echo, session-handler or uppercase");
    return handler{echo()};
}

struct choices {
    std::string_view handler = "echo";
    unsigned threads = 1;
};

unsigned parse_threads(std::string_view text) {
    unsigned threads = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), threads);
    bench::require(read.ec == std::errc{} && read.ptr == text.data() + text.size() && threads > 0 &&
                       threads <= std::thread::hardware_concurrency(),
                   "--threads is a number from 1 to that of the cores");
    return threads;
}

choices parse_choices(int count, char** arguments) {
    choices made;
    for (int i = 3; i < count; i += 2) {
        const std::string_view option = arguments[i];
        bench::require(i + 1 < count && (option == "--handler" || option == "--threads"),
                       "the other options are --handler NAME and --threads N");
        if (option == "--handler")
            made.handler = arguments[i + 1];
        else
            made.threads = parse_threads(arguments[i + 1]);
    }
    return made;
}

bench::inproc_cost measure(const bench::inproc_plan& plan, const choices& chosen) {
    bench::inproc_yard yard{plan.connections, make_handler(chosen.handler)};
    return bench::time_inproc(
        plan, yard.far(), [&] { yard.run(); }, chosen.handler == "uppercase" ? 'X' : 'x');
}

void pin_this_thread(unsigned core) {
    ::cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    bench::require(::pthread_setaffinity_np(::pthread_self(), sizeof only, &only) == 0, "cannot pin a thread");
}

std::vector<bench::inproc_cost> measure_on_each(const bench::inproc_plan& plan, const choices& chosen) {
    if (chosen.threads == 1)
        return {measure(plan, chosen)};
    std::vector<std::future<bench::inproc_cost>> running;
    for (unsigned i = 0; i < chosen.threads; ++i)
        running.push_back(std::async(std::launch::async, [&, i] {
            pin_this_thread(i);
            return measure(plan, chosen);
        }));
    std::vector<bench::inproc_cost> costs;
    for (auto& each : running)
        costs.push_back(each.get());
    return costs;
}

} // namespace

int main(int count, char** arguments) {
    try {
        const auto plan = bench::inproc_plan::parse(count, arguments);
        bench::require(plan.has_value(), "usage: fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler "
                                         "NAME] [--threads N]");
        const choices chosen = parse_choices(count, arguments);
        for (const bench::inproc_cost& cost : measure_on_each(*plan, chosen))
            bench::print(*plan, cost);
        return 0;
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "fairlead-inproc: %s\n", failed.what());
        return 1;
    }
}
