#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>

#include <chrono>

namespace FAIRLEAD_API fairlead {
namespace FAIRLEAD_API testkit {

/// Controls the time of a shard in a test: time passes only in `advance`, for time limits and for `sleep_for`.
///
/// Thread safety: one thread at a time. Lifetime: made before the first session of the shard, and destroyed before
/// the shard.
class manual_clock {
public:
    explicit manual_clock(shard& shard) noexcept; ///< stops the time of the shard

    shard::clock::time_point now() const noexcept; ///< the time of the shard

    /// Advances the time by `duration`, rounded up to ticks of 50 ms, fires the time limits that are due and serves sockets.
    /// Coroutines may continue inside the call; those in `sleep_for` continue when the shard runs.
    void advance(std::chrono::milliseconds duration);

    /// Simulates a thread that was blocked for `duration`. The time of the shard advances by at most 100 ms, because blocked time
    /// does not count against limits.
    void block_for(std::chrono::milliseconds duration);

private:
    shard& shard_;
};

} // namespace testkit
} // namespace fairlead
