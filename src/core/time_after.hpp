#pragma once

#include <algorithm>
#include <chrono>

namespace fairlead {

/// The time `duration` after `now`: the latest there is where that cannot be told.
///
///     time_after(clock::now(), milliseconds::max())  == clock::time_point::max()
///     time_after(clock::now(), milliseconds{-5})     <  clock::now()
template <class Clock, class Rep, class Period>
constexpr typename Clock::time_point time_after(std::chrono::time_point<Clock, typename Clock::duration> now,
                                                std::chrono::duration<Rep, Period> duration) noexcept {
    using time_point = typename Clock::time_point;
    using seconds = std::chrono::duration<double>;
    // Coarse durations overflow when they are made fine, so a floating-point number tells which are too long to be, to a second.
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

/// Whether `elapsed` is `limit` or longer, without making the limit finer than it is.
template <class Rep, class Period>
constexpr bool has_passed(std::chrono::duration<Rep, Period> elapsed, std::chrono::milliseconds limit) noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(elapsed) >= limit;
}

/// Whether `elapsed` is longer than `limit`.
template <class Rep, class Period>
constexpr bool exceeds(std::chrono::duration<Rep, Period> elapsed, std::chrono::milliseconds limit) noexcept {
    return std::chrono::ceil<std::chrono::milliseconds>(elapsed) > limit;
}

} // namespace fairlead
