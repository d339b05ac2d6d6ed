#include "core/controlling_terminal.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(controlling_terminal, is_the_seventh_field_of_the_status) {
    EXPECT_TRUE(has_terminal("7 (fairlead) S 1 7 7 34816 7 4194304 0 0"));
    EXPECT_FALSE(has_terminal("7 (fairlead) S 1 7 7 0 -1 4194304 0 0"));
}

TEST(controlling_terminal, is_found_behind_any_name) {
    EXPECT_FALSE(has_terminal("7 (a) b (c 1 2 3 4 5) R 1 7 7 0 -1 4194304"));
    EXPECT_TRUE(has_terminal("7 (0 0 0) R 1 7 7 1 -1 4194304"));
}

TEST(controlling_terminal, is_assumed_where_the_status_cannot_be_read) {
    EXPECT_TRUE(has_terminal(""));
    EXPECT_TRUE(has_terminal("7 (fairlead) S 1"));
}

} // namespace fairlead::test
