#include "server/server_histograms.hpp"

#include <chrono>
#include <utility>

namespace fairlead {

namespace {

double shown(std::uint64_t size) {
    return static_cast<double>(size);
}

double shown(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / std::nano::den;
}

template <class Histogram, class Of>
histogram_snapshot add_up(const shard_services& services, const char* name, const char* help, Of of_shard) {
    histogram_snapshot all{.name = name, .help = help, .labels = {}, .limits = {}, .counts = {}};
    for (std::size_t bin = 0; bin < Histogram::limits; ++bin)
        all.limits.push_back(shown(Histogram::limit(bin)));
    all.counts.resize(Histogram::limits + 1);
    decltype(std::declval<const Histogram&>().sum()) sum{};
    for (const auto& each : services) {
        const Histogram& counted = of_shard(each->sessions.shard());
        counted.add_to(all.counts);
        sum += counted.sum();
    }
    all.sum = shown(sum);
    return all;
}

} // namespace

std::vector<histogram_snapshot> collect_histograms(const shard_services& services) {
    return {
        add_up<time_histogram>(
            services, "fairlead_handler_seconds",
            "Time from when a session is resumed until it waits for its peer again: reading, its "
            "handler for all messages of that turn, and writing. Exact to 30 microseconds. For UDP, one batch of "
            "datagrams.",
            [](shard_core & each) -> auto& { return each.loop().times().handler(); }),
        add_up<time_histogram>(
            services, "fairlead_loop_seconds", "Time a shard works between two waits for sockets.",
            [](shard_core & each) -> auto& { return each.loop().times().loop(); }),
        add_up<size_histogram>(
            services, "fairlead_message_bytes", "Sizes of messages received, without framing.",
            [](shard_core & each) -> auto& { return each.counters().message_sizes; }),
        add_up<size_histogram>(
            services, "fairlead_queued_bytes",
            "Bytes left to be sent to a peer, each time the system took no more of them.",
            [](shard_core & each) -> auto& { return each.counters().queue_sizes; }),
    };
}

void write_histograms(metrics_writer& out, const std::vector<histogram_snapshot>& shown) {
    for (const histogram_snapshot& each : shown) {
        out.begin(metric_kind::histogram, each.name, each.help);
        write_buckets(out, each);
    }
}

} // namespace fairlead
