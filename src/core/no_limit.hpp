#pragma once

#include <chrono>

namespace fairlead {

/// The time for something that has no limit. A clock can still add it to its present time.
inline constexpr std::chrono::hours no_limit{24 * 365};

} // namespace fairlead
