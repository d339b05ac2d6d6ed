#pragma once

#include <fairlead/api.hpp>

#include <chrono>

namespace FAIRLEAD_API fairlead {

/// The time limit of a call that may wait for any time. A limit of 0 or less does not wait.
///
///     const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
///     co_await client.request("now", left);            // errc::timed_out once the deadline has passed
///     co_await client.request("whenever", no_limit);
inline constexpr std::chrono::milliseconds no_limit = std::chrono::milliseconds::max();

} // namespace fairlead
