#pragma once

#include <fairlead/client.hpp>

#include <chrono>
#include <cstdint>

namespace fairlead {

/// Computes the pauses between attempts to connect, for programs that reconnect by themselves; `client` does it for its
/// users. It has no clock: times are durations since any fixed moment.
///
///     reconnect_backoff backoff{{.initial_delay = 500ms, .max_delay = 30s, .reset_after = 10s}, seed};
///     backoff.next();                 // up to 500 ms
///     backoff.next();                 // up to 1 s
///     backoff.connected(now);
///     backoff.ended(now + 1min);      // it held for longer than `reset_after`
///     backoff.next();                 // up to 500 ms
class reconnect_backoff {
public:
    /// Clients should differ in `seed`, so that they do not all come back at one moment.
    reconnect_backoff(const reconnect_options& options, std::uint64_t seed) noexcept
        : options_{options}, limit_{options.initial_delay}, random_{seed} {}

    void connected(std::chrono::milliseconds now) noexcept { since_ = now; }

    /// Call it when a connection ends.
    void ended(std::chrono::milliseconds now) noexcept;

    /// Returns a random pause up to the current limit, and doubles the limit.
    std::chrono::milliseconds next() noexcept;

private:
    reconnect_options options_;
    std::chrono::milliseconds limit_;
    std::chrono::milliseconds since_{};
    std::uint64_t random_;
};

} // namespace fairlead
