#pragma once

#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace fairlead {

/// The time between the announcement of a stop and its beginning.
///
///     idle ──begin()──▶ running ──time has passed: on_over()──▶ over
///       └──────────────────┴──────────── end() ─────────────────▲
///
/// Thread safety: the thread of the first shard; `wanted` from any.
class drain_notice {
public:
    drain_notice(std::chrono::milliseconds length, std::function<void()> on_over)
        : length_{length}, on_over_{std::move(on_over)} {}

    bool wanted() const noexcept { return length_.count() != 0; }

    /// Makes the timer that `begin` sets. Errors: throws boost::system::system_error if the system has no
    /// more descriptors.
    void prepare(shard_core& home) {
        if (wanted())
            timer_.emplace(home, [this] { pass(); });
    }

    /// Begins the wait and returns true. Returns false, without an effect, if it began or ended before.
    bool begin() noexcept {
        if (state_ != state::idle)
            return false;
        state_ = state::running;
        timer_->set(length_);
        return true;
    }

    /// Ends the wait, or keeps it from beginning; `on_over` is not called any more. No effect once it is over.
    void end() noexcept {
        state_ = state::over;
        if (timer_)
            timer_->cancel();
    }

    /// Destroys the timer, which uses the shard.
    void close() noexcept {
        state_ = state::over;
        timer_.reset();
    }

private:
    enum class state : std::uint8_t { idle, running, over };

    void pass() {
        if (std::exchange(state_, state::over) == state::running)
            on_over_();
    }

    const std::chrono::milliseconds length_;
    const std::function<void()> on_over_;
    std::optional<timer> timer_;
    state state_ = state::idle;
};

} // namespace fairlead
