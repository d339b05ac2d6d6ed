#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fairlead::command {

/// Counts durations in memory of a fixed size, after Tene's HdrHistogram.
///
///     0 … 127 ns: a bucket each │ 128 … 255: 1 ns │ 256 … 511: 2 ns │ 512 … 1023: 4 ns │ … an hour
///                               └ 128 buckets     └ 128 buckets     └ 128 buckets
///
/// Percentiles are off by 0.4 % at most, from a nanosecond to an hour. A longer duration counts as an hour,
/// a negative one as 0; the least and the longest are exact.
/// Thread safety: one thread at a time; each has its own, and they are added at the end.
class latency_histogram {
public:
    using duration = std::chrono::nanoseconds;
    static constexpr duration longest = std::chrono::hours{1};

    void note(duration took) noexcept;

    /// Notes `count` durations in a time that does not depend on `count`: `most`, and each further one
    /// shorter by `step` nanoseconds, but at least 0.
    void note_evenly(duration most, double step, std::uint64_t count) noexcept;
    void add(const latency_histogram& other) noexcept;

    std::uint64_t count() const noexcept { return count_; }
    duration min() const noexcept { return count_ ? duration{min_} : duration{0}; }
    duration max() const noexcept { return duration{max_}; }

    /// Returns the duration that `percent` of the durations do not exceed: half of them do not exceed
    /// `percentile(50)`. 0 if there are none.
    duration percentile(double percent) const noexcept;

private:
    static constexpr int fine_bits = 7;
    static constexpr std::uint64_t fine = 1u << fine_bits;

    static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        if (value < fine)
            return value;
        const int shift = static_cast<int>(std::bit_width(value)) - fine_bits - 1;
        return static_cast<std::size_t>(shift) * fine + (value >> shift);
    }
    static constexpr std::size_t shift_of(std::size_t bucket) noexcept {
        return bucket < 2 * fine ? 0 : bucket / fine - 1;
    }
    static constexpr std::uint64_t least_of(std::size_t bucket) noexcept {
        return (bucket - shift_of(bucket) * fine) << shift_of(bucket);
    }
    static constexpr std::uint64_t middle_of(std::size_t bucket) noexcept {
        return least_of(bucket) + (std::uint64_t{1} << shift_of(bucket)) / 2;
    }

    // An hour has 42 bits in nanoseconds.
    static constexpr std::size_t bucket_count = (42 - fine_bits + 1) * fine;

    std::array<std::uint64_t, bucket_count> buckets_{};
    std::uint64_t count_ = 0;
    std::int64_t min_ = duration::max().count();
    std::int64_t max_ = 0;
};

} // namespace fairlead::command
