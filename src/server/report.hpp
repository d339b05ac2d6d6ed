#pragma once

#include <fairlead/server.hpp>
#include <fairlead/statistics.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead {

// The words in which a server reports about itself to the log.

/// `keeper`: the session or socket whose handler blocks the shard's thread, if known.
std::string describe_blocked(std::size_t shard, std::size_t waiting, const std::optional<std::string>& keeper);

std::string describe_end(const drain_result& ended);

/// Logs a line of counters, and another of those for datagrams if there are listeners for these.
void log_statistics(const statistics& found, bool has_datagrams);

/// Logs a line of the counters for datagrams if there are listeners for these.
void log_datagram_statistics(const statistics& found, bool has_datagrams);

} // namespace fairlead
