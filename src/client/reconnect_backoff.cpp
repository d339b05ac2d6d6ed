#include <fairlead/reconnect_backoff.hpp>

#include "core/time_after.hpp"

namespace fairlead {

namespace {

// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
std::uint64_t next_random(std::uint64_t& state) noexcept {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

} // namespace

void reconnect_backoff::ended(time_point now) noexcept {
    if (has_passed(now - since_, options_.reset_after))
        limit_ = options_.initial_delay;
}

std::chrono::milliseconds reconnect_backoff::next() noexcept {
    const double part = static_cast<double>(next_random(random_) >> 11) * 0x1p-53; // 0 ≤ part < 1
    const std::chrono::milliseconds pause{static_cast<std::int64_t>(part * (static_cast<double>(limit_.count()) + 1))};
    limit_ = limit_ > options_.max_delay / 2 ? options_.max_delay : limit_ * 2;
    return pause;
}

} // namespace fairlead
