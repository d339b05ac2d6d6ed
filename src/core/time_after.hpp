#pragma once

#include <algorithm>
#include <chrono>

namespace fairlead {

/// Returns the time `duration` after `now`. If that overflows, returns the latest or the earliest
/// time that can be represented.
///
///     time_after(clock::now(), milliseconds::max())  == clock::time_point::max()
///     time_after(clock::now(), milliseconds{-5})     <  clock::now()
template <class Clock, class Rep, class Period>
constexpr typename Clock::time_point time_after(std::chrono::time_point<Clock, typename Clock::duration> now,
                                                std::chrono::duration<Rep, Period> duration) noexcept {
    using time_point = typename Clock::time_point;
    using seconds = std::chrono::duration<double>;
    // Coarse durations overflow when they are converted to finer ones. So floating-point numbers,
    // exact to a second, tell which durations are too long.
    const seconds left = seconds{time_point::max().time_since_epoch()} - seconds{now.time_since_epoch()};
    const seconds most{std::min(left.count(), seconds{Clock::duration::max()}.count()) - 1};
    if (seconds{duration} >= most)
        return time_point::max();
    if (seconds{duration} <= seconds{time_point::min().time_since_epoch()} + seconds{1})
        return time_point::min();
    const auto exact = std::chrono::floor<typename Clock::duration>(duration);
    if (exact.count() < 0 && now < time_point::min() - exact)
        return time_point::min();
    return now + exact;
}

/// Returns true if `elapsed` is `limit` or longer. Does not convert the limit to a finer unit.
template <class Rep, class Period>
constexpr bool has_passed(std::chrono::duration<Rep, Period> elapsed, std::chrono::milliseconds limit) noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(elapsed) >= limit;
}

/// Returns true if `elapsed` is longer than `limit`.
template <class Rep, class Period>
constexpr bool exceeds(std::chrono::duration<Rep, Period> elapsed, std::chrono::milliseconds limit) noexcept {
    return std::chrono::ceil<std::chrono::milliseconds>(elapsed) > limit;
}

} // namespace fairlead
