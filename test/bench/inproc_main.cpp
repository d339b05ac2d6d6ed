// fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler echo|conversation|uppercase]
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

std::string_view handler_name(int count, char** arguments) {
    if (count == 3)
        return "echo";
    bench::require(count == 5 && arguments[3] == std::string_view{"--handler"},
                   "the only other option is --handler echo|conversation|uppercase");
    return arguments[4];
}

} // namespace

int main(int count, char** arguments) {
    try {
        const auto plan = bench::inproc_plan::parse(count, arguments);
        bench::require(plan.has_value(),
                       "usage: fairlead-inproc --inproc CONNECTIONS,DEPTH,SIZE,SECONDS [--handler NAME]");
        const std::string_view name = handler_name(count, arguments);
        bench::inproc_yard yard{plan->connections, make_handler(name)};
        return bench::measure_inproc(
            *plan, yard.far(), [&] { yard.run(); }, name == "uppercase" ? 'X' : 'x');
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "fairlead-inproc: %s\n", failed.what());
        return 1;
    }
}
