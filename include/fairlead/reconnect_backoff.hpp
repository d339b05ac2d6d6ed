#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace fairlead {

/// Pauses between attempts to connect: each a random part of a limit that doubles, so that clients that lost their server
/// together do not come back together ("full jitter", AWS Architecture Blog, "Exponential Backoff And Jitter").
struct reconnect_options {
    std::chrono::milliseconds initial_delay{500};  ///< the limit of the first pause
    std::chrono::milliseconds max_delay{30'000};   ///< no limit is larger
    std::chrono::milliseconds reset_after{10'000}; ///< a connection that held so long lets the limit begin again
};

/// Computes the pause before the next attempt to connect. The time is an argument.
///
///     reconnect_backoff backoff{{}, seed};
///     while (!co_await try_to_connect())
///         co_await shard.sleep_for(backoff.next());
class reconnect_backoff {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `seed` differs between clients, so that their pauses do.
    reconnect_backoff(const reconnect_options& options, std::uint64_t seed) noexcept
        : options_{options}, limit_{options.initial_delay}, random_{seed} {}

    void connected(time_point now) noexcept { since_ = now; }

    /// The connection ended.
    void ended(time_point now) noexcept {
        if (now - since_ >= options_.reset_after)
            limit_ = options_.initial_delay;
    }

    /// Returns the pause that comes now; the next one may be twice as long.
    std::chrono::milliseconds next() {
        std::uniform_int_distribution<std::int64_t> part{0, limit_.count()};
        limit_ = std::min(limit_ * 2, options_.max_delay);
        return std::chrono::milliseconds{part(random_)};
    }

private:
    reconnect_options options_;
    std::chrono::milliseconds limit_;
    time_point since_{};
    std::mt19937_64 random_;
};

} // namespace fairlead
