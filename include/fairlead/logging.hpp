#pragma once

#include <fairlead/api.hpp>

#include <memory>

namespace spdlog {
class logger;
}

namespace FAIRLEAD_API fairlead {

/// The logger everything in Fairlead writes to; at first one named "fairlead" that writes to stderr.
///
/// Bytes that come from a peer are escaped before they reach it, one line each.
/// Thread safety: both functions may be called from any thread at any time.
std::shared_ptr<spdlog::logger> logger();

/// Replaces the logger. An empty pointer brings the first one back.
void set_logger(std::shared_ptr<spdlog::logger> replacement);

} // namespace fairlead
