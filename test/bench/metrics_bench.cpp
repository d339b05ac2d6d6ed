// Adding to metrics, on one thread and on two that use the same metric. For comparison: one atomic number that all threads add to.

#include <fairlead/metrics.hpp>

#include <benchmark/benchmark.h>

#include <atomic>

namespace fairlead::bench {

namespace {

metrics measured;
const counter_metric adds = measured.counter("adds_total", "Additions.");
const histogram_metric sizes = measured.histogram("sizes", "Observations.", {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5});
std::atomic<std::uint64_t> shared_adds{0};

void metric_counter_add(benchmark::State& state) {
    for (auto _ : state)
        adds.add();
}

void metric_shared_atomic_add(benchmark::State& state) {
    for (auto _ : state)
        shared_adds.fetch_add(1, std::memory_order_relaxed);
}

void metric_histogram_observe(benchmark::State& state) {
    double value = 0.0007;
    for (auto _ : state) {
        sizes.observe(value);
        value = value < 4 ? value * 3 : 0.0007;
    }
}

void metric_text(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(measured.text());
}

} // namespace

BENCHMARK(metric_counter_add)->Threads(1)->Threads(2);
BENCHMARK(metric_shared_atomic_add)->Threads(1)->Threads(2);
BENCHMARK(metric_histogram_observe)->Threads(1)->Threads(2);
BENCHMARK(metric_text);

} // namespace fairlead::bench
