#include "server/server_statistics.hpp"

#include "log/log.hpp"

namespace fairlead {

statistics collect_statistics(const shard_services& services, const server_monitor& monitor, const listeners& listening,
                              const placement& placed) {
    statistics found;
    for (std::size_t i = 0; i < services.size(); ++i) {
        found.shards.push_back(services[i]->sessions.statistics());
        found.shards.back().blocked = monitor.blocked(i).value();
        found.shards.back().datagrams = services[i]->datagrams.statistics();
        found += found.shards.back();
        found.accept_failures += services[i]->sessions.failures().value();
    }
    listening.add_to(found);
    found.accept_failures += placed.counted().failed.value();
    found.refused_for_address = placed.counted().refused_for_address.value();
    found.refused_for_memory = placed.counted().refused_for_memory.value();
    const auto [suppressed, lost] = count_log_losses();
    found.suppressed_log_lines = suppressed;
    found.lost_log_lines = lost;
    return found;
}

} // namespace fairlead
