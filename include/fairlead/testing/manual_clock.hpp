#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>

#include <chrono>

namespace FAIRLEAD_API fairlead {

/// Controls the time of a shard in a test: time passes only in `advance`, for time limits and for `sleep_for`.
///
/// Thread safety: one thread at a time. Lifetime: made before the first session of the shard, and destroyed before
/// the shard.
class manual_clock {
public:
    explicit manual_clock(shard& shard) noexcept; ///< stops the time of the shard

    shard::clock::time_point now() const noexcept; ///< the time of the shard

    /// Advances the time in ticks of 50 ms and fires all time limits that are due. Woken coroutines continue when the shard runs.
    void advance(std::chrono::milliseconds duration);

    /// Advances the time in one step, as for a thread that was blocked.
    void hold_up(std::chrono::milliseconds duration);

private:
    shard& shard_;
};

} // namespace fairlead
