#include "load/payload.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>

namespace fairlead::command {

TEST(parse_size_range, reads_one_size_or_two) {
    struct sample {
        const char* text;
        std::size_t least, most;
    };
    const sample samples[] = {
        {"64", 64, 64}, {"0", 0, 0}, {"1KiB", 1024, 1024}, {"64..1024", 64, 1024}, {"1KiB..2KiB", 1024, 2048},
        {"5..5", 5, 5}};
    for (const sample& each : samples) {
        const size_range sizes = parse_size_range(each.text);
        EXPECT_EQ(sizes.least, each.least) << each.text;
        EXPECT_EQ(sizes.most, each.most) << each.text;
    }
}

TEST(parse_size_range, refuses_what_is_no_range) {
    for (const char* const text : {"", "x", "..", "1..", "..1", "2..1", "1...2", "1..2..3", "-1", "1-2"})
        EXPECT_THROW(parse_size_range(text), std::invalid_argument) << text;
}

TEST(size_range, has_a_text_form) {
    EXPECT_EQ(to_text(size_range{64, 64}), "64 bytes");
    EXPECT_EQ(to_text(size_range{0, 100}), "0..100 bytes");
    EXPECT_EQ(to_text(size_range{64, 2048}), "64..2KiB");
    EXPECT_EQ(to_text(size_range{0, 0}), "0 bytes");
}

TEST(payload, gives_the_same_message_for_the_same_number) {
    const payload messages{{0, 1'000}, alphabet_for("length")};
    const payload others{{0, 1'000}, alphabet_for("length")};
    for (std::uint64_t number = 0; number < 100; ++number)
        EXPECT_EQ(messages.message(3, number), others.message(3, number));
}

TEST(payload, gives_different_messages_to_neighbours) {
    const payload messages{{64, 64}, alphabet_for("length")};
    std::set<std::string> seen;
    for (std::size_t connection = 0; connection < 10; ++connection) {
        for (std::uint64_t number = 0; number < 100; ++number)
            seen.insert(to_string(messages.message(connection, number)));
    }
    EXPECT_GT(seen.size(), 980u) << "a few of a thousand may begin at the same of 65,536 places";
}

TEST(payload, chooses_every_size_of_the_range_about_as_often) {
    const payload messages{{10, 19}, alphabet_for("length")};
    std::map<std::size_t, int> chosen;
    for (std::uint64_t number = 0; number < 10'000; ++number)
        ++chosen[messages.message(1, number).size()];
    EXPECT_EQ(chosen.size(), 10u);
    EXPECT_EQ(chosen.begin()->first, 10u);
    EXPECT_EQ(chosen.rbegin()->first, 19u);
    for (const auto& [size, times] : chosen)
        EXPECT_NEAR(times, 1'000, 150) << size;
}

TEST(payload, may_be_large_or_empty) {
    EXPECT_EQ((payload{{3'000'000, 3'000'000}, "ab"}.message(0, 7).size()), 3'000'000u);
    EXPECT_TRUE((payload{{0, 0}, "ab"}.message(0, 7).empty()));
}

TEST(payload, consists_of_its_alphabet_and_uses_all_of_it) {
    for (const char* const framing : {"length", "line", "delimiter:abc0"}) {
        const std::string alphabet = alphabet_for(framing);
        const payload messages{{100'000, 100'000}, alphabet};
        const std::string_view text = messages.message(0, 0).text();
        const std::set<char> used(text.begin(), text.end());
        EXPECT_EQ(used, std::set<char>(alphabet.begin(), alphabet.end())) << framing;
    }
}

TEST(alphabet_for, is_every_byte_where_the_framing_carries_any) {
    for (const char* const framing : {"length", "length:2:le", "varint", "fixed:16", "raw"})
        EXPECT_EQ(alphabet_for(framing).size(), 256u) << framing;
}

TEST(alphabet_for, has_nothing_of_a_delimiter) {
    EXPECT_EQ(alphabet_for("line").find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(alphabet_for("delimiter:end9").find_first_of("end9"), std::string::npos);
    EXPECT_EQ(alphabet_for("delimiter:end9").size(), 32u);
    EXPECT_THROW(alphabet_for("delimiter:abcdefghijklmnopqrstuvwxyz0123456789"), std::invalid_argument);
}

TEST(difference, is_none_between_equals) {
    EXPECT_FALSE(difference("abc", "abc"));
    EXPECT_FALSE(difference("", ""));
}

TEST(difference, says_where_it_is) {
    EXPECT_EQ(difference("abc", "abX"), "byte 3 of 3 is 0x58, and 0x63 was sent");
    EXPECT_EQ(difference("abc", "XbX"), "byte 1 of 3 is 0x58, and 0x61 was sent");
    EXPECT_EQ(difference("abc", "ab"), "it has 2 bytes, and 3 were sent");
    EXPECT_EQ(difference("abc", ""), "it has no byte, and 3 were sent");
    EXPECT_EQ(difference("abc", "abcd"), "it has 4 bytes, and 3 were sent");
}

TEST(difference, is_found_in_a_part) {
    EXPECT_FALSE(difference_in_part("abcdef", "cd", 2));
    EXPECT_EQ(difference_in_part("abcdef", "cX", 2), "byte 4 of 6 is 0x58, and 0x64 was sent");
}

} // namespace fairlead::command
