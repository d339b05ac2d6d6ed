#include "talk/line_layout.hpp"

#include <clocale>
#include <gtest/gtest.h>
#include <string_view>
#include <utility>

namespace fairlead::command {

namespace {

// Row and column behind a text, in rows of ten columns.
std::pair<int, int> behind(std::wstring_view text) {
    line_layout layout{10};
    for (const wchar_t character : text)
        layout.add(character);
    return {layout.row(), layout.column()};
}

using place = std::pair<int, int>;

} // namespace

TEST(line_layout, fills_one_row_after_the_other) {
    EXPECT_EQ(behind(L""), (place{0, 0}));
    EXPECT_EQ(behind(L"123456789"), (place{0, 9}));
    EXPECT_EQ(behind(L"1234567890"), (place{1, 0}));
    EXPECT_EQ(behind(L"12345678901"), (place{1, 1}));
    EXPECT_EQ(behind(L"1\n2"), (place{1, 1}));
}

TEST(line_layout, does_not_divide_a_wide_character) {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    EXPECT_EQ(behind(L"\x8239"), (place{0, 2}));
    EXPECT_EQ(behind(L"12345678\x8239"), (place{1, 0}));
    EXPECT_EQ(behind(L"123456789\x8239"), (place{1, 2}));
}

TEST(line_layout, knows_the_cells_of_characters_without_a_picture) {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    EXPECT_EQ(behind(L"\x01"), (place{0, 2}));               // ^A
    EXPECT_EQ(behind(L"123456789\x01"), (place{1, 1}));      // divided
    EXPECT_EQ(behind(L"\xE000\xFFFF"), behind(L"12345678")); // \U+FFFF, behind a picture of private use
}

TEST(line_layout, ends_a_tab_at_a_stop_or_at_the_margin) {
    EXPECT_EQ(behind(L"\t"), (place{0, 8}));
    EXPECT_EQ(behind(L"123\t"), (place{0, 8}));
    EXPECT_EQ(behind(L"12345678\t"), (place{1, 0}));
}

} // namespace fairlead::command
