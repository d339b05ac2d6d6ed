#pragma once

#include <fairlead/api.hpp>

#include <chrono>
#include <cstdint>

namespace FAIRLEAD_API fairlead {

/// Pauses between attempts to connect.
///
///     const reconnect_options patient{.initial_delay = 1s, .max_delay = 5min};
///
/// Each pause is a random part of a limit that doubles, so that clients that lost a server
/// together do not reconnect together ("full jitter", AWS Architecture Blog, "Exponential Backoff And Jitter").
/// A `client` that is called ends a pause early, though not before `initial_delay` has passed.
struct reconnect_options {
    std::chrono::milliseconds initial_delay{500};  ///< the limit of the first pause
    std::chrono::milliseconds max_delay{30'000};   ///< the largest limit
    std::chrono::milliseconds reset_after{10'000}; ///< a connection that lasted so long resets the limit
};

/// Computes the pause before the next attempt to connect, for programs that do not use `client`. The time is an argument.
///
///     reconnect_backoff backoff{{}, seed};
///     for (bool connected = false; !connected;) {
///         co_await shard.sleep_for(backoff.next());       // up to 500 ms, 1 s, 2 s, … 30 s
///         connected = co_await try_to_connect();
///     }
class reconnect_backoff {
public:
    using time_point = std::chrono::steady_clock::time_point; ///< the type of times

    /// `seed` must differ between clients, so that their pauses differ.
    reconnect_backoff(const reconnect_options& options, std::uint64_t seed) noexcept
        : options_{options}, limit_{options.initial_delay}, random_{seed} {}

    void connected(time_point now) noexcept { since_ = now; } ///< call it when a connection begins

    /// Resets the limit if the connection lasted `reset_after`. Call it when a connection ends that was reported with `connected`,
    /// not after a failed attempt.
    void ended(time_point now) noexcept;

    /// Returns a random pause up to the current limit, and doubles the limit.
    std::chrono::milliseconds next() noexcept;

private:
    reconnect_options options_;
    std::chrono::milliseconds limit_;
    time_point since_{};
    std::uint64_t random_;
};

} // namespace fairlead
