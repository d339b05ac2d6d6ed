// Upper case of one message of text.

#include "throughput.hpp"

#include <fairlead/handlers/uppercase.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace fairlead::bench {

namespace {

void uppercase_message(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    std::string text;
    while (text.size() < size)
        text += "The quick brown fox, 42 times. ";
    text.resize(size);
    for (auto _ : state)
        benchmark::DoNotOptimize(to_upper(text));
    report_messages(state, 1, size);
}

} // namespace

BENCHMARK(uppercase_message)->Arg(64)->Arg(1024)->Arg(65536);

} // namespace fairlead::bench
