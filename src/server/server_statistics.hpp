#pragma once

#include "server/listeners.hpp"
#include "server/placement.hpp"
#include "server/shard_service.hpp"
#include "server/watchdog.hpp"

#include <fairlead/statistics.hpp>

namespace fairlead {

/// Adds up what the parts of a server have counted. Thread safety: any thread.
statistics collect_statistics(const shard_services& services, const watchdog& watching, const listeners& listening,
                              const placement& placed);

} // namespace fairlead
