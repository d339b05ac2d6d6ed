#include "chat/chat_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

using namespace std::literals;

TEST(chat_lines, are_one_line_that_a_terminal_may_show) {
    EXPECT_EQ(chat_line("plain text, caf\xC3\xA9, C:\\dir"), "plain text, caf\xC3\xA9, C:\\dir");
    EXPECT_EQ(chat_line("two\nlines\r\nand\ta tab"), "two lines and a tab");
    EXPECT_EQ(chat_line("red \x1B[31m \x07 \xFF"), "red \\x1B[31m \\x07 \\xFF");
    EXPECT_EQ(chat_line("cut \xC3"), "cut \\xC3");
    EXPECT_EQ(chat_line(""), "");
}

TEST(chat_names, are_letters_digits_and_dashes) {
    for (const std::string& each : {"a"s, "Ann-2_x"s, std::string(max_chat_name, 'x')})
        EXPECT_TRUE(is_chat_name(each)) << each;
    for (const std::string& each :
         {""s, "a b"s, "a:"s, "*"s, "a/b"s, "\xC3\xA4"s, "a\0"s, std::string(max_chat_name + 1, 'x')})
        EXPECT_FALSE(is_chat_name(each)) << each;
}

TEST(chat_commands, have_a_name_and_an_argument) {
    const auto parsed = [](std::string_view line) {
        const chat_command found = parse_chat_command(line);
        return std::string{found.name} + "|" + std::string{found.argument};
    };
    EXPECT_EQ(parsed("/nick Ann"), "nick|Ann");
    EXPECT_EQ(parsed("/nick   Ann B  "), "nick|Ann B");
    EXPECT_EQ(parsed("/who"), "who|");
    EXPECT_EQ(parsed("/"), "|");
    EXPECT_EQ(parsed("/ x"), "|x");
    EXPECT_EQ(parsed("hello /nick"), "|");
}

} // namespace

} // namespace fairlead::command
