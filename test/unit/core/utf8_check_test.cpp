#include "core/utf8_check.hpp"

#include <fairlead/utf8.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>

namespace fairlead::test {

namespace {

/// The position of the first byte that `utf8_check` refuses when the text comes in pieces of that size.
std::optional<std::size_t> refused_at(const std::string& text, std::size_t piece) {
    utf8_check check;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        if (!check.take(bytes_view{text}.from(at).first(piece)))
            return at;
    }
    return std::nullopt;
}

/// By the function for single characters.
bool whole_by_characters(bytes_view text) {
    while (!text.empty()) {
        const utf8_character first = first_character(text);
        if (first.kind != utf8_character::state::whole)
            return false;
        text = text.from(first.size);
    }
    return true;
}

} // namespace

TEST(utf8_check, agrees_with_the_reader_of_characters_on_all_beginnings_of_two_bytes_and_on_random_ones) {
    const std::string tails[] = {"", "\x80", "\xBF", "\x80\x80", "\xBF\xBF", "a", "\x80\x80\x80"};
    for (unsigned pair = 0; pair < 0x10000; ++pair) {
        const std::string begin{static_cast<char>(pair >> 8), static_cast<char>(pair & 0xFF)};
        for (const std::string& tail : tails) {
            const std::string text = begin + tail;
            ASSERT_EQ(is_utf8(text), whole_by_characters(text)) << escape(text);
        }
    }
    std::minstd_rand random{1};
    for (int i = 0; i < 20'000; ++i) {
        std::string text(random() % 400, 'a');
        for (int changes = 0; changes < 3 && !text.empty(); ++changes)
            text[random() % text.size()] = static_cast<char>(random());
        ASSERT_EQ(is_utf8(text), whole_by_characters(text)) << escape(text);
    }
}

TEST(utf8_check, refuses_the_first_byte_that_no_text_can_have_there) {
    struct {
        const char* text;
        std::size_t at;
    } const cases[] = {
        {"abc\x80", 3},   {"\xC0\x80", 0},          {"\xC1", 0},          {"\xE0\x9F", 1}, {"\xED\xA0", 1},
        {"\xF0\x8F", 1},  {"\xF4\x90", 1},          {"\xF5", 0},          {"\xFF", 0},     {"\xC3(", 1},
        {"\xE2\x82(", 2}, {"0123456789ab\xF8", 12}, {"\xF0\x9D\x84(", 3},
    };
    for (const auto& [text, at] : cases)
        EXPECT_EQ(refused_at(text, 1), at) << escape(text);
}

TEST(utf8_check, accepts_text_however_it_is_cut) {
    const std::string text =
        "plain ascii, caf\xC3\xA9, \xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5, \xF0\x9F\x98\x80 \xEF\xBF\xBF";
    for (std::size_t piece = 1; piece <= text.size(); ++piece)
        EXPECT_EQ(refused_at(text, piece), std::nullopt);
    utf8_check check;
    EXPECT_TRUE(check.take("\xF0\x9F"));
    EXPECT_FALSE(check.at_boundary());
    EXPECT_TRUE(check.take("\x98\x80"));
    EXPECT_TRUE(check.at_boundary());
}

} // namespace fairlead::test
