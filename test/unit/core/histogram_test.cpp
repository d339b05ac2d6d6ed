#include "core/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

template <class Histogram>
std::vector<std::uint64_t> counts_of(const Histogram& counted) {
    std::vector<std::uint64_t> sums(Histogram::limits + 1);
    counted.add_to(sums);
    return sums;
}

template <class Histogram, class Value>
std::size_t bin_of(Value value) {
    Histogram counted;
    counted.add(value);
    const auto counts = counts_of(counted);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0u), 1u);
    return static_cast<std::size_t>(std::find(counts.begin(), counts.end(), 1u) - counts.begin());
}

} // namespace

TEST(size_histogram, counts_a_size_in_the_first_bin_whose_limit_it_does_not_exceed) {
    for (std::size_t bin = 0; bin < size_histogram::limits; ++bin) {
        EXPECT_EQ(bin_of<size_histogram>(std::size_t{size_histogram::limit(bin)}), bin);
        EXPECT_EQ(bin_of<size_histogram>(std::size_t{size_histogram::limit(bin)} + 1), bin + 1);
    }
    EXPECT_EQ(size_histogram::limit(size_histogram::limits - 1), 16u << 20);
}

TEST(size_histogram, has_a_bin_for_any_size) {
    for (std::size_t size = 0; size <= 16; ++size)
        EXPECT_EQ(bin_of<size_histogram>(size), 0u);
    EXPECT_EQ(bin_of<size_histogram>(std::numeric_limits<std::size_t>::max()), size_histogram::limits);
}

TEST(size_histogram, sums_sizes_and_adds_its_counts_to_those_of_others) {
    size_histogram one, other;
    one.add(10);
    one.add(20);
    other.add(20);
    auto counts = counts_of(one);
    other.add_to(counts);
    EXPECT_EQ(counts[0], 1u);
    EXPECT_EQ(counts[1], 2u);
    EXPECT_EQ(one.sum(), 30u);
}

TEST(time_histogram, counts_a_time_in_the_first_bin_whose_limit_it_does_not_exceed) {
    for (std::size_t bin = 0; bin < time_histogram::limits; ++bin) {
        EXPECT_EQ(bin_of<time_histogram>(time_histogram::limit(bin)), bin);
        EXPECT_EQ(bin_of<time_histogram>(time_histogram::limit(bin) + 1ns), bin + 1);
    }
    EXPECT_EQ(bin_of<time_histogram>(0ns), 0u);
    EXPECT_EQ(bin_of<time_histogram>(std::chrono::nanoseconds{24h}), time_histogram::limits);
}

TEST(time_histogram, may_be_read_while_its_thread_adds) {
    constexpr std::uint64_t times = 20'000;
    time_histogram counted;
    size_histogram sizes;
    std::thread shard{[&] {
        for (std::uint64_t i = 0; i < times; ++i) {
            counted.add(1us);
            sizes.add(100);
        }
    }};
    std::uint64_t before = 0;
    while (before < times) {
        const std::uint64_t now = std::min(counts_of(counted)[0], counts_of(sizes)[3]);
        ASSERT_GE(now, before);
        before = now;
    }
    shard.join();
    EXPECT_EQ(counted.sum(), times * 1us);
    EXPECT_EQ(sizes.sum(), times * 100);
}

TEST(time_histogram, sums_times) {
    time_histogram counted;
    counted.add(3ns);
    counted.add(20ms);
    EXPECT_EQ(counted.sum(), 20ms + 3ns);
}

} // namespace fairlead::test
