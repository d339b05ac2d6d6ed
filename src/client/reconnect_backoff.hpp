#pragma once

#include <fairlead/client.hpp>
#include "runtime/deadline.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace fairlead {

/// How long to pause before the next attempt to connect. The time is an argument.
class reconnect_backoff {
public:
    reconnect_backoff(const reconnect_options& options, std::uint64_t seed) noexcept
        : options_{options}, limit_{options.initial_delay}, random_{seed} {}

    void connected(ticks now) noexcept { since_ = now; }

    /// The connection ended.
    void ended(ticks now) noexcept {
        if (now - since_ >= options_.reset_after)
            limit_ = options_.initial_delay;
    }

    /// The pause that comes now; the next one may be twice as long.
    std::chrono::milliseconds next() {
        std::uniform_int_distribution<std::int64_t> part{0, limit_.count()};
        limit_ = std::min(limit_ * 2, options_.max_delay);
        return std::chrono::milliseconds{part(random_)};
    }

private:
    reconnect_options options_;
    std::chrono::milliseconds limit_;
    ticks since_{};
    std::mt19937_64 random_;
};

} // namespace fairlead
