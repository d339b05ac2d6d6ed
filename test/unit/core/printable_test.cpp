#include <fairlead/printable.hpp>

#include <gtest/gtest.h>
#include <string>
#include <string_view>

using namespace std::string_view_literals;

namespace fairlead::test {

namespace {

// The stream's text when the bytes come in two pieces.
std::string in_pieces(std::string_view text, std::size_t cut) {
    printable_stream stream;
    std::string shown = stream.next(text.substr(0, cut));
    shown += stream.next(text.substr(cut));
    return shown + stream.end();
}

} // namespace

TEST(printable, leaves_text_as_it_is) {
    for (const char* text : {"", "plain ~", "船 收到", "Grüße, été, żółć", "👩‍🚀 🇩🇪", "عربى עברית"})
        EXPECT_EQ(printable(text), text);
}

TEST(printable, makes_one_line_that_commands_nothing) {
    struct row {
        std::string_view bytes;
        const char* shown;
    };
    const row rows[] = {
        {"a\nb\r\tc\\d"sv, R"(a\nb\r\tc\\d)"},
        {"\0\x1F\x7F"sv, R"(\x00\x1F\x7F)"},
        {"\x1B[2J\x1B]0;title\a"sv, R"(\x1B[2J\x1B]0;title\x07)"},
        {"\xC2\x9B"
         "2J"sv,
         R"(\xC2\x9B2J)"},                                               // CSI in one character of C1
        {"\xE2\x80\xA8|\xE2\x80\xA9"sv, R"(\xE2\x80\xA8|\xE2\x80\xA9)"}, // separators of lines and paragraphs
        {"\xE2\x80\xAE"
         "txt\xE2\x81\xA6"sv,
         R"(\xE2\x80\xAEtxt\xE2\x81\xA6)"}, // from right to left
    };
    for (const row& each : rows)
        EXPECT_EQ(printable(each.bytes), each.shown);
}

TEST(printable, escapes_each_byte_that_is_no_utf8) {
    struct row {
        std::string_view bytes;
        const char* shown;
    };
    const row rows[] = {
        {"\x80|\xFF|\xC0\x80|\xC1\xBF"sv, R"(\x80|\xFF|\xC0\x80|\xC1\xBF)"},
        {"\xE0\x80\xAF"sv, R"(\xE0\x80\xAF)"},                   // not the shortest form
        {"\xED\xA0\x80"sv, R"(\xED\xA0\x80)"},                   // a surrogate
        {"\xF4\x90\x80\x80|\xF5"sv, R"(\xF4\x90\x80\x80|\xF5)"}, // above U+10FFFF
        {"\xE6\x94"sv, R"(\xE6\x94)"},                           // cut short at the end …
        {"\xE6\x94z"sv, R"(\xE6\x94z)"},                         // … and before the end
        {"\xE6\xE6\x94\xB6"sv, "\\xE6\xE6\x94\xB6"},
    };
    for (const row& each : rows)
        EXPECT_EQ(printable(each.bytes), each.shown);
}

TEST(printable, knows_the_bounds_of_what_it_escapes) {
    EXPECT_EQ(printable("\xC2\xA0\x7E"sv), "\xC2\xA0~");
    EXPECT_EQ(printable("\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA"sv),
              "\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA");
    EXPECT_EQ(printable("\xF4\x8F\xBF\xBD|\xED\x9F\xBF|\xEE\x80\x80|\xF0\x90\x80\x80"sv),
              "\xF4\x8F\xBF\xBD|\xED\x9F\xBF|\xEE\x80\x80|\xF0\x90\x80\x80");
}

TEST(printable_stream, gives_the_same_however_the_bytes_arrive) {
    constexpr auto text = "船\tone\r\ntwo\rthree\n\x1B[31m\\ \xE6\x94 🚢\xF0\x9F"sv;
    constexpr auto shown = "船\tone\ntwo\\rthree\n\\x1B[31m\\ \\xE6\\x94 🚢\\xF0\\x9F"sv;
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        EXPECT_EQ(in_pieces(text, cut), shown) << "cut at " << cut;
}

TEST(printable_stream, holds_back_what_has_not_come_whole_and_nothing_else) {
    printable_stream stream;
    EXPECT_EQ(stream.next("a\xE6\x94"sv), "a");
    EXPECT_EQ(stream.next("\xB6\r"sv), "收");
    EXPECT_EQ(stream.end(), "\\r");
    EXPECT_EQ(stream.end(), "");
}

TEST(hexadecimal, has_two_digits_for_each_byte) {
    EXPECT_EQ(hexadecimal("hello"), "68 65 6c 6c 6f");
    EXPECT_EQ(hexadecimal("\0\xFF"sv), "00 ff");
    EXPECT_EQ(hexadecimal(""), "");
}

} // namespace fairlead::test
