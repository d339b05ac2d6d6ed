#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>

#include <chrono>

namespace FAIRLEAD_API fairlead {

/// Gives a test the time of a shard: it stands still but for `advance`, for deadlines and `sleep_for` alike.
///
/// Thread safety: one thread at a time. Lifetime: made before the first session of the shard.
class manual_clock {
public:
    explicit manual_clock(shard& shard) noexcept; ///< stops the time of the shard

    shard::clock::time_point now() const noexcept; ///< returns the time of the shard

    /// Lets the time pass in ticks of 50 ms, and what is due happen. A coroutine woken by it continues when the shard runs.
    void advance(std::chrono::milliseconds duration);

    /// Lets the time pass as it does for a thread that something has held up.
    void hold_up(std::chrono::milliseconds duration);

private:
    shard& shard_;
};

} // namespace fairlead
