#include "printable_json.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

TEST(printable_json, escapes_what_commands_terminals_or_turns_text_around) {
    EXPECT_EQ(printable_json("{\"name\":\"a\u009B31m\"}"), R"({"name":"a\u009b31m"})");
    EXPECT_EQ(printable_json("\"\u202Etxt.exe\u2066\""), R"("\u202etxt.exe\u2066")");
    EXPECT_EQ(printable_json("\"\x7F\u0085\u2028\u2029\""), R"("\u007f\u0085\u2028\u2029")");
}

TEST(printable_json, leaves_all_else_as_it_is) {
    for (const char* const text : {"", "{}", R"({"a":"\u001b[2J \\ \" \n","b":[1,2.5,true,null]})",
                                   "{\"name\":\"船 収到 é 👩‍🚀.txt\"}"})
        EXPECT_EQ(printable_json(text), text);
}

} // namespace fairlead::command
