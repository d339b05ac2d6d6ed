#include "talk/hex_text.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

std::string fault_of_hex(std::string_view text) {
    try {
        read_hexadecimal(text);
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
    return "none";
}

} // namespace

TEST(hex_text, is_pairs_of_digits_with_or_without_spaces) {
    EXPECT_EQ(read_hexadecimal("68 65 6c"), "hel");
    EXPECT_EQ(read_hexadecimal("68656C"), "hel");
    EXPECT_EQ(read_hexadecimal("  00   ff "), std::string("\0\xFF", 2));
    EXPECT_EQ(read_hexadecimal(""), "");
}

TEST(hex_text, names_what_is_no_pair_and_where) {
    EXPECT_EQ(fault_of_hex("68 6g"), "'6g' at column 4 is not two hexadecimal digits");
    EXPECT_EQ(fault_of_hex("686"), "'6' at column 3 is not two hexadecimal digits");
    EXPECT_EQ(fault_of_hex("6 8"), "'6 ' at column 1 is not two hexadecimal digits");
    EXPECT_EQ(fault_of_hex("-1"), "'-1' at column 1 is not two hexadecimal digits");
    EXPECT_EQ(fault_of_hex("0x68"), "'0x' at column 1 is not two hexadecimal digits");
}

} // namespace fairlead::command
