#include "log/log.hpp"
#include "log/log_limiter.hpp"
#include "support/log_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

using namespace std::literals;

namespace fairlead::test {

TEST(log_limiter, tells_with_the_next_line_how_many_were_suppressed_before) {
    log_limiter limiter{2};
    token_bucket::time_point now{1h};
    EXPECT_EQ(limiter.admit(now), 0u);
    EXPECT_EQ(limiter.admit(now), 0u);
    for (int i = 0; i < 100'000; ++i)
        EXPECT_FALSE(limiter.admit(now));
    now += 1s;
    EXPECT_EQ(limiter.admit(now), 100'000u);
    EXPECT_EQ(limiter.admit(now), 0u);
}

TEST(log_limiter, tells_once_of_what_no_later_line_has_told) {
    log_limiter limiter{1};
    const token_bucket::time_point now{1h};
    limiter.admit(now);
    limiter.admit(now);
    EXPECT_EQ(limiter.take_suppressed(), 1u);
    EXPECT_EQ(limiter.take_suppressed(), 0u);
}

TEST(printable_line, is_one_line_of_printable_ascii_whatever_a_peer_sent) {
    const std::string hostile = "a\r\nb\x1b[2Jc\0d\xc2\x9b\xe2\x80\xae%n\xff\x7f"s;
    EXPECT_EQ(printable_line(hostile), R"(a\x0D\x0Ab\x1B[2Jc\x00d\xC2\x9B\xE2\x80\xAE%n\xFF\x7F)");
}

TEST(printable_line, is_never_longer_than_a_kibibyte) {
    for (const std::string& line : {std::string(1'024, 'x'), std::string(1'025, 'x'), std::string(1 << 20, '\n'),
                                    std::string(257, '\n'), std::string(256, '\n')}) {
        const std::string printable = printable_line(line);
        EXPECT_LE(printable.size(), 1'024u);
        EXPECT_EQ(printable.ends_with("..."), line.size() != 1'024 && line.size() != 256) << "only what was cut";
        EXPECT_TRUE(std::ranges::all_of(printable, [](char c) { return c >= ' ' && c < '\x7f'; }));
    }
}

TEST(log_level, hides_the_lines_below_it) {
    const log_lines lines;
    set_log_level(log_level::warning);
    log_info("hidden");
    log_warning("shown");
    set_log_level(log_level::off);
    log_warning("hidden");
    set_log_level(log_level::debug);
    EXPECT_TRUE(is_debug_logged());
    set_log_level(log_level::info);
    EXPECT_FALSE(is_debug_logged());
    log_info("shown");
    EXPECT_EQ(lines.count("hidden"), 0u) << lines.text();
    EXPECT_EQ(lines.count("shown"), 2u) << lines.text();
}

} // namespace fairlead::test
