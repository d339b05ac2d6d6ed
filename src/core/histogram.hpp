#pragma once

#include "core/counter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace fairlead {

/// Counts sizes in bins whose limits are powers of two, from 16 bytes to 16 MiB.
///
///     size:   0 … 16   17 … 32   33 … 64   …   8 MiB + 1 … 16 MiB   more
///     bin:       0         1         2     …           20            21
///
/// Thread safety: `add` from one thread, the rest from any.
class size_histogram {
public:
    static constexpr std::size_t limits = 21;
    static constexpr std::uint64_t limit(std::size_t bin) noexcept { return std::uint64_t{16} << bin; }

    void add(std::size_t size, std::uint64_t times = 1) noexcept {
        counted_[bits_of(size)].add(times);
        sum_.add(size * times);
    }

    std::uint64_t sum() const noexcept { return sum_.value(); }

    /// Adds the count of each bin to `sums`, which has one place more than there are limits.
    void add_to(std::span<std::uint64_t> sums) const noexcept {
        for (std::size_t bits = 0; bits < counted_.size(); ++bits)
            sums[std::clamp(bits, first, first + limits) - first] += counted_[bits].value();
    }

private:
    static constexpr std::size_t first = 4; // bits of the sizes below the first limit

    // Takes the fewest instructions per message: no branch, and no special case for 0.
    static constexpr std::size_t bits_of(std::size_t size) noexcept {
        return static_cast<std::size_t>(std::bit_width(std::max<std::size_t>(size, 2) - 1));
    }

    std::array<counter, 65> counted_;
    counter sum_;
};

/// Counts times in bins, from 10 microseconds to 10 seconds. Thread safety: as `size_histogram`.
class time_histogram {
public:
    using time = std::chrono::nanoseconds;

    static constexpr std::size_t limits = 19;
    static constexpr time limit(std::size_t bin) noexcept { return all_limits[bin]; }

    void add(time passed, std::uint64_t times = 1) noexcept {
        const auto first = std::begin(all_limits);
        const auto fits = [passed](time limit) { return passed <= limit; };
        counted_[static_cast<std::size_t>(std::find_if(first, std::end(all_limits), fits) - first)].add(times);
        sum_.add(static_cast<std::uint64_t>(std::max<time::rep>(passed.count(), 0)) * times);
    }

    time sum() const noexcept { return time{static_cast<time::rep>(sum_.value())}; }

    /// As `size_histogram::add_to`.
    void add_to(std::span<std::uint64_t> sums) const noexcept {
        for (std::size_t bin = 0; bin <= limits; ++bin)
            sums[bin] += counted_[bin].value();
    }

private:
    // Most times are short, and found first.
    static constexpr std::array<time, limits> all_limits = {
        std::chrono::microseconds{10},  std::chrono::microseconds{25},    std::chrono::microseconds{50},
        std::chrono::microseconds{100}, std::chrono::microseconds{250},   std::chrono::microseconds{500},
        std::chrono::milliseconds{1},   std::chrono::microseconds{2'500}, std::chrono::milliseconds{5},
        std::chrono::milliseconds{10},  std::chrono::milliseconds{25},    std::chrono::milliseconds{50},
        std::chrono::milliseconds{100}, std::chrono::milliseconds{250},   std::chrono::milliseconds{500},
        std::chrono::seconds{1},        std::chrono::milliseconds{2'500}, std::chrono::seconds{5},
        std::chrono::seconds{10}};

    std::array<counter, limits + 1> counted_;
    counter sum_; // in nanoseconds; overflows after 584 years
};

} // namespace fairlead
