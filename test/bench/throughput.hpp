#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace fairlead::bench {

/// Has the report tell the time for each message, messages a second and bytes of messages a second.
inline void report_messages(benchmark::State& state, std::size_t messages, std::size_t size) {
    using counter = benchmark::Counter;
    state.counters["per_message"] =
        counter{static_cast<double>(messages), counter::kIsIterationInvariantRate | counter::kInvert};
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(messages * size));
}

} // namespace fairlead::bench
