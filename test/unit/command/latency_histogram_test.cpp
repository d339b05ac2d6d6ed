#include "load/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

void expect_close(std::chrono::nanoseconds found, std::chrono::nanoseconds real) {
    EXPECT_LE(std::abs(static_cast<double>((found - real).count())), 0.01 * static_cast<double>(real.count()))
        << found.count() << " instead of " << real.count();
}

} // namespace

TEST(latency_histogram, tells_nothing_of_nothing) {
    const latency_histogram empty;
    EXPECT_EQ(empty.count(), 0u);
    EXPECT_EQ(empty.min(), 0ns);
    EXPECT_EQ(empty.max(), 0ns);
    EXPECT_EQ(empty.percentile(50), 0ns);
    EXPECT_EQ(empty.percentile(100), 0ns);
}

TEST(latency_histogram, is_within_one_percent_from_a_microsecond_to_an_hour) {
    for (double real = 1e3; real <= 3.6e12; real *= 1.0007) {
        const std::chrono::nanoseconds value{std::llround(real)};
        latency_histogram histogram;
        histogram.note(0ns); // else the least and the most would make it exact
        histogram.note(value);
        histogram.note(1h);
        expect_close(histogram.percentile(50), value);
    }
}

TEST(latency_histogram, is_within_one_percent_at_the_edges_of_its_buckets) {
    for (std::int64_t edge = 1024; edge <= 3'600'000'000'000; edge *= 2) {
        for (const std::int64_t value : {edge - 1, edge, edge + 1}) {
            latency_histogram histogram;
            histogram.note(0ns);
            histogram.note(std::chrono::nanoseconds{value});
            histogram.note(1h);
            expect_close(histogram.percentile(50), std::chrono::nanoseconds{value});
        }
    }
}

TEST(latency_histogram, knows_the_least_and_the_most_exactly) {
    latency_histogram histogram;
    for (const auto each : {1'234'567ns, 7'654'321ns, 3'333'333ns})
        histogram.note(each);
    EXPECT_EQ(histogram.min(), 1'234'567ns);
    EXPECT_EQ(histogram.max(), 7'654'321ns);
    EXPECT_EQ(histogram.percentile(100), 7'654'321ns);
    EXPECT_GE(histogram.percentile(0), 1'234'567ns);
    expect_close(histogram.percentile(0), 1'234'567ns);
}

TEST(latency_histogram, gives_the_value_that_so_many_are_at_most) {
    latency_histogram histogram;
    for (int value = 1; value <= 100; ++value)
        histogram.note(std::chrono::nanoseconds{value}); // exact: each has a bucket of its own
    EXPECT_EQ(histogram.percentile(0), 1ns);
    EXPECT_EQ(histogram.percentile(1), 1ns);
    EXPECT_EQ(histogram.percentile(50), 50ns);
    EXPECT_EQ(histogram.percentile(50.5), 51ns);
    EXPECT_EQ(histogram.percentile(99), 99ns);
    EXPECT_EQ(histogram.percentile(99.9), 100ns);
}

TEST(latency_histogram, agrees_with_a_sorted_list) {
    std::mt19937_64 random{1};
    std::lognormal_distribution<double> likely{12, 2};
    std::vector<std::chrono::nanoseconds> values;
    latency_histogram histogram;
    for (int i = 0; i < 10'000; ++i) {
        values.emplace_back(std::llround(1'000 + likely(random)));
        histogram.note(values.back());
    }
    std::ranges::sort(values);
    for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99})
        expect_close(histogram.percentile(percent),
                     values[static_cast<std::size_t>(std::llround(percent / 100 * 10'000)) - 1]);
}

TEST(latency_histogram, takes_what_is_out_of_range_for_the_nearest) {
    latency_histogram histogram;
    histogram.note(-5ns);
    EXPECT_EQ(histogram.max(), 0ns);
    histogram.note(100h);
    histogram.note(200h);
    EXPECT_EQ(histogram.max(), 200h) << "the most is exact";
    expect_close(histogram.percentile(50), 1h);
    EXPECT_EQ(histogram.count(), 3u);
}

TEST(latency_histogram, can_be_added_to_another) {
    latency_histogram all, even, odd, sum;
    for (int value = 0; value < 100'000; value += 7) {
        const std::chrono::nanoseconds took{value};
        all.note(took);
        (value % 2 ? odd : even).note(took);
    }
    sum.add(even);
    sum.add(odd);
    sum.add(latency_histogram{});
    EXPECT_EQ(sum.count(), all.count());
    EXPECT_EQ(sum.min(), all.min());
    EXPECT_EQ(sum.max(), all.max());
    for (double percent = 0; percent <= 100; percent += 0.5)
        EXPECT_EQ(sum.percentile(percent), all.percentile(percent)) << percent;
}

TEST(latency_histogram, notes_an_even_series_as_if_one_by_one) {
    for (const std::uint64_t number : {1u, 2u, 999u, 20'000u}) {
        latency_histogram at_once, one_by_one;
        at_once.note_evenly(1s, 50'000, number);
        for (std::uint64_t each = 0; each < number; ++each)
            one_by_one.note(1s - 50us * each);
        EXPECT_EQ(at_once.count(), number);
        EXPECT_EQ(at_once.min(), one_by_one.min());
        EXPECT_EQ(at_once.max(), one_by_one.max());
        for (const double percent : {0.0, 1.0, 50.0, 90.0, 99.9, 100.0})
            EXPECT_EQ(at_once.percentile(percent), one_by_one.percentile(percent)) << number << " " << percent;
    }
}

TEST(latency_histogram, notes_a_series_of_any_length) {
    latency_histogram histogram;
    histogram.note_evenly(1h, 3.6e-3, 1'000'000'000'000'000);
    EXPECT_EQ(histogram.count(), 1'000'000'000'000'000u);
    expect_close(histogram.percentile(50), 30min);
    histogram.note_evenly(3h, 1, 2);
    EXPECT_EQ(histogram.max(), 3h);
    histogram.note_evenly(0ns, 1, 0);
    EXPECT_EQ(histogram.count(), 1'000'000'000'000'002u);
}

} // namespace fairlead::command
