#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace fairlead::command {

/// When the messages of a fixed rate are due, after the start: the rate grows evenly over the ramp-up, then stays.
///
///     rate ┤        ┌───────────       message n is due when the area below the line is n
///          │     ╱  ┊
///          │  ╱     ┊
///          └────────┴───────────▶      without a ramp-up: every 1 / rate
///           ramp-up
///
/// It depends on nothing that happens: a server that is late finds messages waiting.
class rate_schedule {
public:
    rate_schedule(double per_second, std::chrono::nanoseconds ramp_up) noexcept
        : rate_{per_second}, ramp_{std::chrono::duration<double>(ramp_up).count()} {}

    std::chrono::nanoseconds due(std::uint64_t message) const noexcept {
        const auto n = static_cast<double>(message);
        const double seconds = n < rate_ * ramp_ / 2 ? std::sqrt(2 * n * ramp_ / rate_) : ramp_ / 2 + n / rate_;
        return std::chrono::nanoseconds{std::llround(seconds * 1e9)};
    }

private:
    double rate_;
    double ramp_; // seconds
};

/// When connection `index` of `count` is made, after the start: the first at once, the others evenly over the ramp-up.
constexpr std::chrono::nanoseconds connection_start(std::size_t index, std::size_t count,
                                                    std::chrono::nanoseconds ramp_up) noexcept {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(ramp_up.count()) *
                                                              static_cast<double>(index) / static_cast<double>(count))};
}

} // namespace fairlead::command
