#include "load/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace fairlead::command {

void latency_histogram::note(duration took) noexcept {
    static_assert(bucket_of(longest.count()) < bucket_count);
    const std::int64_t value = std::max<std::int64_t>(took.count(), 0);
    ++buckets_[bucket_of(static_cast<std::uint64_t>(std::min(value, std::int64_t{longest.count()})))];
    ++count_;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
}

void latency_histogram::note_evenly(duration most, double step, std::uint64_t count) noexcept {
    if (count == 0)
        return;
    const auto first = static_cast<double>(std::max<std::int64_t>(most.count(), 0));
    const auto times = static_cast<double>(count);
    const auto as_long_as = [&](std::uint64_t least) { // the number of durations of at least `least`
        const double ones = std::floor((first - static_cast<double>(least)) / step) + 1;
        return least == 0 || ones >= times ? count : static_cast<std::uint64_t>(std::max(ones, 0.0));
    };
    std::uint64_t longer = 0;
    const auto top = std::min(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(longest.count()));
    for (std::size_t bucket = bucket_of(top) + 1; bucket-- > 0 && longer < count;) {
        const std::uint64_t up_to_here = as_long_as(least_of(bucket));
        buckets_[bucket] += up_to_here - longer;
        longer = up_to_here;
    }
    count_ += count;
    min_ = std::min(min_, static_cast<std::int64_t>(std::max(first - step * (times - 1), 0.0)));
    max_ = std::max(max_, static_cast<std::int64_t>(first));
}

void latency_histogram::add(const latency_histogram& other) noexcept {
    std::ranges::transform(buckets_, other.buckets_, buckets_.begin(), std::plus<>{});
    count_ += other.count_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

latency_histogram::duration latency_histogram::percentile(double percent) const noexcept {
    if (count_ == 0)
        return duration{0};
    const double share = std::clamp(percent, 0.0, 100.0) / 100;
    // 99.9 / 100 * 1000 comes out a little above 999.
    const double wanted = std::ceil(share * static_cast<double>(count_) * (1 - 1e-12));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
    if (rank == count_)
        return max();
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    for (; bucket + 1 < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= rank)
            break;
    }
    return duration{std::clamp(static_cast<std::int64_t>(middle_of(bucket)), min_, max_)};
}

} // namespace fairlead::command
