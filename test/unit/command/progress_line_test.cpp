#include "apps/fairlead/progress_line.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr double mib_a_second = 1024 * 1024;

std::string line_of(const std::string& name, send_progress progress, double rate = 0, std::size_t width = 79) {
    const file_to_send file{.path = name, .name = name};
    progress.file = &file;
    return progress_line(progress, rate, width);
}

rate_meter::time_point instant(std::chrono::milliseconds time) {
    return rate_meter::time_point{time};
}

} // namespace

TEST(progress_line, tells_how_far_a_file_is_and_when_it_will_be_done) {
    EXPECT_EQ(line_of("a.bin", {.sent = 512 * mib, .size = 1024 * mib, .files = 1}, 256 * mib_a_second),
              "a.bin   50 %  512.0 MiB of 1.0 GiB  256.0 MiB/s  0:02 left");
}

TEST(progress_line, counts_files_where_there_are_several) {
    EXPECT_EQ(line_of("a", {.sent = 1, .size = 100, .files_done = 2, .files = 10}),
              "a    1 %  1 B of 100 B  [3/10 files]");
    EXPECT_EQ(line_of("a", {.sent = 100, .size = 100, .files_done = 10, .files = 10}),
              "a  100 %  100 B of 100 B  [10/10 files]");
}

TEST(progress_line, does_not_promise_an_end_of_what_has_no_size) {
    EXPECT_EQ(line_of("pipe", {.sent = 3 * mib, .files = 1}, mib_a_second), "pipe  3.0 MiB  1.0 MiB/s");
}

TEST(progress_line, writes_long_times_in_hours) {
    EXPECT_EQ(line_of("a", {.size = 36'000, .files = 1}, 10), "a    0 %  0 B of 35.2 KiB  10 B/s  1:00:00 left");
}

TEST(progress_line, fits_any_width) {
    const send_progress progress{.sent = 512 * mib, .size = 1024 * mib, .files_done = 2, .files = 10};
    const std::string name(100, 'x');
    for (std::size_t width = 0; width < 200; ++width)
        EXPECT_LE(line_of(name, progress, mib_a_second, width).size(), width) << width;
    EXPECT_EQ(line_of(name, progress, mib_a_second, 45), "xxxxxxxxxxxxx...   50 %  512.0 MiB of 1.0 GiB");
    EXPECT_EQ(line_of("船船船船船船船船", {.size = 1, .files = 1}, 0, 20), "船船船船船...    0 %")
        << "wide characters take two columns";
}

TEST(progress_line, shows_a_name_that_cannot_command_the_terminal) {
    EXPECT_EQ(line_of("a\x1b[2J", {.files = 1}), "a\\x1B[2J  0 B");
}

TEST(rounded_size, has_a_unit_that_fits) {
    struct sample {
        double bytes;
        const char* text;
    };
    const sample samples[] = {
        {0, "0 B"},          {1023, "1023 B"},      {1024, "1.0 KiB"}, {1536, "1.5 KiB"}, {1024 * 1024 - 1, "1.0 MiB"},
        {1e12, "931.3 GiB"}, {1e18, "909494.7 TiB"}};
    for (const sample& each : samples)
        EXPECT_EQ(rounded_size(each.bytes), each.text);
}

TEST(rate_meter, knows_nothing_at_first) {
    rate_meter rate;
    EXPECT_EQ(rate.per_second(), 0);
    rate.note(instant(0ms), 1000);
    EXPECT_EQ(rate.per_second(), 0);
    rate.note(instant(1ms), 2000);
    EXPECT_EQ(rate.per_second(), 0) << "a moment is too short to tell";
}

TEST(rate_meter, tells_the_rate_of_the_last_seconds) {
    rate_meter rate;
    for (int second = 0; second <= 10; ++second)
        rate.note(instant(second * 1s), 1000u * static_cast<unsigned>(second));
    EXPECT_DOUBLE_EQ(rate.per_second(), 1000);
    for (int second = 11; second <= 20; ++second)
        rate.note(instant(second * 1s), 10'000);
    EXPECT_DOUBLE_EQ(rate.per_second(), 0) << "what was before is forgotten";
}

TEST(rate_meter, holds_few_samples_however_often_it_is_told) {
    rate_meter rate;
    for (int ms = 0; ms <= 10'000; ++ms)
        rate.note(instant(ms * 1ms), static_cast<unsigned>(ms));
    EXPECT_NEAR(rate.per_second(), 1000, 50);
}

} // namespace fairlead::command
