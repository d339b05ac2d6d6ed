#include "quantity.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

template <class Value>
std::string refusal(Value (*parse)(std::string_view), std::string_view text) {
    try {
        parse(text);
        return "";
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

} // namespace

TEST(quantity, reads_sizes_and_durations) {
    EXPECT_EQ(parse_size("0"), 0u);
    EXPECT_EQ(parse_size("4096"), 4096u);
    EXPECT_EQ(parse_size("1.5MiB"), 3u << 19);
    EXPECT_EQ(parse_size("2TiB"), 2ull << 40);
    EXPECT_EQ(to_text(std::size_t{1} << 40), "1TiB");
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("0ms"), 0ms);
    EXPECT_EQ(parse_duration("0.5"), 500ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
}

// 0 switches a limit off, so a small limit must not become 0.
TEST(quantity, refuses_what_is_more_than_0_and_less_than_the_smallest_unit) {
    for (const char* const text : {"0.4ms", "0.9ms", "0.0004", "0.0009s", "0.00001m"})
        EXPECT_EQ(refusal(parse_duration, text), "'" + std::string{text} +
                                                     "' is more than 0 and less than 1ms, the least that can be set; "
                                                     "write 0, or 1ms or more");
    for (const char* const text : {"0.9", "0.1B", "0.0001KiB"})
        EXPECT_NE(refusal(parse_size, text).find("less than 1 byte"), std::string::npos) << text;
    EXPECT_EQ(parse_duration("1ms"), 1ms);
    EXPECT_EQ(parse_size("0.001KiB"), 1u);
}

TEST(quantity, refuses_what_is_more_than_can_be_set) {
    EXPECT_EQ(refusal(parse_duration, "99999h"), "'99999h' is more than 8784h, the most that can be set");
    EXPECT_EQ(refusal(parse_size, "9000TiB"), "'9000TiB' is more than 8192TiB, the most that can be set");
    EXPECT_EQ(parse_duration("8784h"), 8'784h);
    EXPECT_EQ(parse_size("8192TiB"), 1ull << 53);
}

TEST(quantity, rounds_to_the_nearest_whole_number) {
    EXPECT_EQ(parse_duration("0.57"), 570ms) << "0.57 has no exact form in binary";
    EXPECT_EQ(parse_duration("1.6ms"), 2ms);
    EXPECT_EQ(parse_size("1.1KiB"), 1126u);
}

TEST(quantity, refuses_what_is_no_number) {
    for (const char* const text : {"", "-1", "1 s", "1e3", "nan", "inf", "0x10"}) {
        EXPECT_NE(refusal(parse_duration, text), "") << text;
        EXPECT_NE(refusal(parse_size, text), "") << text;
    }
    EXPECT_NE(refusal(parse_count, "0.9"), "") << "a rate is a whole number";
}

} // namespace fairlead::command
