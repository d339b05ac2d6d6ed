#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace fairlead::command {

/// The times at which the messages of a fixed rate are due, after the start. The rate grows evenly over the
/// ramp-up, then stays.
///
///     rate ┤        ┌───────────       message n is due when the area below the line is n
///          │     ╱  ┊
///          │  ╱     ┊
///          └────────┴───────────▶      without a ramp-up: every 1 / rate
///           ramp-up
///
/// The schedule does not depend on replies: a server that is late finds messages waiting.
class rate_schedule {
public:
    rate_schedule(double per_second, std::chrono::nanoseconds ramp_up) noexcept
        : rate_{per_second}, ramp_{std::chrono::duration<double>(ramp_up).count()} {}

    /// Returns how many messages are due before `time`, which is the number of the first one that is not.
    /// Takes logarithmic time.
    std::uint64_t due_before(std::chrono::nanoseconds time) const noexcept {
        std::uint64_t below = 0;
        std::uint64_t above = 1;
        while (due(above) < time)
            above *= 2;
        while (below < above) {
            const std::uint64_t middle = below + (above - below) / 2;
            if (due(middle) < time)
                below = middle + 1;
            else
                above = middle;
        }
        return below;
    }

    /// Returns the time between two messages after the ramp-up, in nanoseconds.
    double gap() const noexcept { return 1e9 / rate_; }

    std::chrono::nanoseconds due(std::uint64_t message) const noexcept {
        const auto n = static_cast<double>(message);
        const double seconds = n < rate_ * ramp_ / 2 ? std::sqrt(2 * n * ramp_ / rate_) : ramp_ / 2 + n / rate_;
        return std::chrono::nanoseconds{std::llround(seconds * 1e9)};
    }

private:
    double rate_;
    double ramp_; // seconds
};

/// Returns how many of the messages before number `end` belong to worker `index` of `workers`, which take turns.
constexpr std::uint64_t share_before(std::uint64_t end, std::uint64_t index, std::uint64_t workers) noexcept {
    return end > index ? (end - index + workers - 1) / workers : 0;
}

/// Returns the time after the start at which connection `index` of `count` is made: the first at once, the
/// others evenly over the ramp-up.
constexpr std::chrono::nanoseconds connection_start(std::size_t index, std::size_t count,
                                                    std::chrono::nanoseconds ramp_up) noexcept {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(ramp_up.count()) *
                                                              static_cast<double>(index) / static_cast<double>(count))};
}

} // namespace fairlead::command
