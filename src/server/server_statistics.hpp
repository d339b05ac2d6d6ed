#pragma once

#include "server/listeners.hpp"
#include "server/placement.hpp"
#include "server/server_monitor.hpp"
#include "server/shard_service.hpp"

#include <fairlead/statistics.hpp>

namespace fairlead {

/// Adds up the counters of the parts of a server. Thread safety: any thread.
statistics collect_statistics(const shard_services& services, const server_monitor& monitor, const listeners& listening,
                              const placement& placed);

} // namespace fairlead
