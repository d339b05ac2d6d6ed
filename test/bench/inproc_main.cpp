// fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler echo|session-handler|uppercase]
//                 [--threads N] [--framing length|websocket|websocket-text]
//
// What a framed message costs a server of Fairlead, in nanoseconds, with both ends on one thread (see inproc.hpp). Of
// several threads each has a shard, as many connections, both ends of them, and a core; each prints its line.

#include "inproc_yard.hpp"

#include "websocket/frame.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <future>
#include <pthread.h>
#include <sched.h>
#include <string>
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

bench::inproc_framing parse_inproc_framing(std::string_view name) {
    if (name == "websocket")
        return bench::inproc_framing::websocket_binary;
    if (name == "websocket-text")
        return bench::inproc_framing::websocket_text;
    bench::require(name == "length", "--framing is length, websocket or websocket-text");
    return bench::inproc_framing::length;
}

struct choices {
    std::string_view handler = "echo";
    bench::inproc_framing framing = bench::inproc_framing::length;
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
        bench::require(i + 1 < count && (option == "--handler" || option == "--threads" || option == "--framing"),
                       "the other options are --handler NAME, --threads N and --framing NAME");
        if (option == "--handler")
            made.handler = arguments[i + 1];
        else if (option == "--framing")
            made.framing = parse_inproc_framing(arguments[i + 1]);
        else
            made.threads = parse_threads(arguments[i + 1]);
    }
    return made;
}

bench::inproc_cost measure(const bench::inproc_plan& plan, const choices& chosen) {
    bench::inproc_yard yard{plan.connections, make_handler(chosen.handler), chosen.framing};
    const auto run = [&] { yard.run(); };
    const char reply = chosen.handler == "uppercase" ? 'X' : 'x';
    if (chosen.framing == bench::inproc_framing::length)
        return bench::time_inproc(plan, yard.far(), run, reply);
    const frame_kind kind =
        chosen.framing == bench::inproc_framing::websocket_text ? frame_kind::text : frame_kind::binary;
    constexpr frame_mask mask{0x37, 0xFA, 0x21, 0x3D};
    const std::string sent = make_frame(kind, std::string(plan.size, 'x'), &mask);
    const std::string answer = make_frame(kind, std::string(plan.size, reply), nullptr);
    std::string burst, expected;
    for (unsigned i = 0; i < plan.depth; ++i) {
        burst += sent;
        expected += answer;
    }
    return bench::time_traffic(plan, yard.far(), burst, expected, run);
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
                                         "NAME] [--threads N] [--framing NAME]");
        const choices chosen = parse_choices(count, arguments);
        for (const bench::inproc_cost& cost : measure_on_each(*plan, chosen))
            bench::print(*plan, cost);
        return 0;
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "fairlead-inproc: %s\n", failed.what());
        return 1;
    }
}
