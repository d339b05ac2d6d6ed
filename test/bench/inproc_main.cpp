// fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler echo|conversation|uppercase]
//                 [--engine epoll|io_uring]
//
// What a framed message costs a server of Fairlead, in nanoseconds, with both ends on one thread (see inproc.hpp).

#include "inproc_yard.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <cstdio>
#include <exception>
#include <string_view>

namespace {

using namespace fairlead;

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

struct choices {
    std::string_view handler = "echo";
    engine waits_by = engine::automatic;
};

engine engine_of(std::string_view name) {
    bench::require(name == "epoll" || name == "io_uring", "--engine is epoll or io_uring");
    return name == "epoll" ? engine::epoll : engine::io_uring;
}

choices parse_choices(int count, char** arguments) {
    choices made;
    for (int i = 3; i < count; i += 2) {
        const std::string_view option = arguments[i];
        bench::require(i + 1 < count && (option == "--handler" || option == "--engine"),
                       "the other options are --handler NAME and --engine NAME");
        if (option == "--handler")
            made.handler = arguments[i + 1];
        else
            made.waits_by = engine_of(arguments[i + 1]);
    }
    return made;
}

} // namespace

int main(int count, char** arguments) {
    try {
        const auto plan = bench::inproc_plan::parse(count, arguments);
        bench::require(
            plan.has_value(),
            "usage: fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler NAME] [--engine NAME]");
        const choices chosen = parse_choices(count, arguments);
        bench::inproc_yard yard{plan->connections, make_handler(chosen.handler), chosen.waits_by};
        return bench::measure_inproc(
            *plan, yard.far(), [&] { yard.run(); }, chosen.handler == "uppercase" ? 'X' : 'x');
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "fairlead-inproc: %s\n", failed.what());
        return 1;
    }
}
