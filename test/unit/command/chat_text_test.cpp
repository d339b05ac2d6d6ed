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

TEST(chat_errors, say_how_far_the_line_came) {
    EXPECT_EQ(why_not_heard(errc::send_queue_full),
              "your line was not sent, for this server is too busy; say it again");
    for (const errc each : {errc::refused_by_limit, errc::closed, errc::message_too_large})
        EXPECT_TRUE(why_not_heard(each).starts_with("only the visitors at this server got your line: "))
            << to_string(each);
}

TEST(chat_gaps, are_told_with_their_number_if_it_is_known) {
    EXPECT_EQ(gap_notice(0), "* the other servers could not be reached for a while; lines from there may be missing");
    EXPECT_EQ(gap_notice(1), "* 1 line from other servers was lost");
    EXPECT_EQ(gap_notice(20), "* 20 lines from other servers were lost");
}

} // namespace

} // namespace fairlead::command
