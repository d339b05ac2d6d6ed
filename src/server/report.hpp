#pragma once

#include <fairlead/drain_result.hpp>
#include <fairlead/statistics.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead {

// The words in which a server reports about itself to the log.

/// Why a thread is blocked: `keeper` is the session or socket whose handler runs, if known.
std::string describe_keeper(const std::optional<std::string>& keeper);

/// The same while the library moves bytes.
std::string describe_library_work();

std::string describe_blocked(std::size_t shard, std::size_t waiting, const std::string& why);

std::string describe_end(const drain_result& ended);

/// Logs a line of counters, and another of those for datagrams if there are listeners for these, and one for each listener.
void log_statistics(const statistics& found, bool has_datagrams);

/// Logs a line of the counters for datagrams if there are listeners for these.
void log_datagram_statistics(const statistics& found, bool has_datagrams);

} // namespace fairlead
