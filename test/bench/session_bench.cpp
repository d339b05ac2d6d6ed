// What a session costs without a kernel.

#include "bursts.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

namespace fairlead::bench {

namespace {

void session_message_handler(benchmark::State& state) {
    serve_bursts(state, echo());
}

void session_with_session_handler(benchmark::State& state) {
    serve_bursts(state, echo_messages);
}

void session_uppercase(benchmark::State& state) {
    serve_bursts(state, uppercase());
}

} // namespace

BENCHMARK(session_message_handler)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(session_with_session_handler)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(session_uppercase)->Arg(64)->Arg(1024)->Arg(65536);

} // namespace fairlead::bench
