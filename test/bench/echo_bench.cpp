// What a framed echo costs a server, with both ends on one thread: the far ends send, which is not timed; the shard runs
// until it is idle, which is; the far ends collect the replies, which is not. No second core, no waking up.

#include "inproc_yard.hpp"

#include <fairlead/handlers/echo.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

namespace fairlead::bench {

namespace {

/// Arguments: connections, messages in flight on each, bytes in a message.
void echo_over_tcp(benchmark::State& state) {
    const auto connections = static_cast<std::size_t>(state.range(0));
    const auto depth = static_cast<std::size_t>(state.range(1));
    const std::string burst = make_burst(depth, static_cast<std::size_t>(state.range(2)));
    inproc_yard yard{connections, handler{echo()}};
    for (auto _ : state) {
        yard.far().send(burst);
        const auto begin = std::chrono::steady_clock::now();
        yard.run();
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        yard.far().collect(burst, [&] { yard.run(); });
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(connections * depth));
}

} // namespace

BENCHMARK(echo_over_tcp)
    ->Args({1, 1, 64})
    ->Args({64, 1, 64})
    ->Args({64, 16, 64})
    ->Args({64, 16, 1024})
    ->UseManualTime();

} // namespace fairlead::bench
