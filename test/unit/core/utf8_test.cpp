#include <fairlead/utf8.hpp>

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace fairlead::test {

using enum utf8_character::state;

TEST(first_character, is_told_with_its_size) {
    struct row {
        std::string_view text;
        std::size_t size;
        std::uint32_t code;
    };
    const row rows[] = {
        {"ab", 1, 'a'},
        {{"\0", 1}, 1, 0},
        {"\x7F\x80", 1, 0x7F},
        {"\xC2\x80", 2, 0x80},
        {"\xDF\xBFx", 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 0x800},
        {"\xED\x9F\xBF", 3, 0xD7FF},
        {"\xEE\x80\x80", 3, 0xE000},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    };
    for (const row& each : rows) {
        const utf8_character first = first_character(each.text);
        EXPECT_EQ(first.kind, whole) << escape(each.text);
        EXPECT_EQ(first.size, each.size) << escape(each.text);
        EXPECT_EQ(first.code, each.code) << escape(each.text);
    }
}

TEST(first_character, is_invalid_where_there_is_none) {
    for (const std::string_view text :
         {"\x80", "\xBF\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
          "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5", "\xFF", "\xC2x", "\xE6\x94z"}) {
        EXPECT_EQ(first_character(text).kind, invalid) << escape(text);
        EXPECT_EQ(first_character(text).size, 1u) << escape(text);
    }
}

TEST(first_character, may_not_have_come_whole) {
    for (const std::string_view text : {"\xC2", "\xE6", "\xE6\x94", "\xF0\x9F\x91"}) {
        EXPECT_EQ(first_character(text).kind, incomplete) << escape(text);
        EXPECT_EQ(first_character(text).size, text.size()) << escape(text);
    }
}

TEST(cut_between_characters, keeps_whole_characters) {
    const std::string text = "aü船👩";
    const std::size_t sizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t most = 0; most != std::size(sizes); ++most)
        EXPECT_EQ(cut_between_characters(text, most), text.substr(0, sizes[most])) << most;
}

} // namespace fairlead::test
