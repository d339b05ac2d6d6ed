#pragma once

#include <fairlead/deadline.hpp>
#include <fairlead/runtime.hpp>

#include <chrono>

namespace fairlead {

/// Puts the time of a shard into the hands of a test: it stands still but for `advance`.
///
/// Thread safety: one thread at a time. Lifetime: made before the first session of the shard.
class manual_clock {
public:
    explicit manual_clock(shard& home) noexcept : home_{home} { home.clock_by_hand_ = true; }

    ticks now() const noexcept { return home_.now(); }

    /// Lets the time pass tick by tick, and what is due happen. A handler woken by it runs when the shard next does.
    void advance(std::chrono::milliseconds duration) {
        for (const ticks end = now() + std::chrono::ceil<ticks>(duration); now() < end;)
            home_.pass(ticks{1});
    }

    /// Lets it pass as it does for a thread that something has held up.
    void hold_up(std::chrono::milliseconds duration) { home_.pass(std::chrono::ceil<ticks>(duration)); }

private:
    shard& home_;
};

} // namespace fairlead
