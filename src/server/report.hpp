#pragma once

#include <fairlead/drain_result.hpp>
#include <fairlead/statistics.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead {

// The texts that a server logs about itself.

/// Explains why a thread is blocked. `keeper`: the session or socket whose handler runs, if known.
std::string describe_keeper(const std::optional<std::string>& keeper);

/// As above, while the library itself receives or sends.
std::string describe_library_work();

std::string describe_blocked(std::size_t shard, std::size_t waiting, const std::string& why);

std::string describe_end(const drain_result& ended);

/// Logs a line of all counters, one of the datagram counters if there are datagram listeners, and one
/// for each listener.
void log_statistics(const statistics& found, bool has_datagrams);

/// Logs a line of the datagram counters if there are datagram listeners.
void log_datagram_statistics(const statistics& found, bool has_datagrams);

} // namespace fairlead
