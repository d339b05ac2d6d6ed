#pragma once

#include <fairlead/api.hpp>

#include <memory>

namespace spdlog {
class logger;
}

namespace FAIRLEAD_API fairlead {

/// Returns the logger of Fairlead. By default it is named "fairlead" and writes to stderr, on a thread of its own.
///
/// Bytes from peers are escaped, so that each message is one line of at most 1,024 bytes. At most ten lines of one kind are
/// logged in a second. Thread safety: any thread, here and below.
std::shared_ptr<spdlog::logger> logger();

/// Replaces the logger. An empty pointer restores the default. Shards log on their own threads, so the replacement must be
/// thread-safe and should not block.
void set_logger(std::shared_ptr<spdlog::logger> replacement);

} // namespace fairlead
