#include "file_transfer/quoted.hpp"

#include <gtest/gtest.h>

namespace fairlead::file_transfer {

TEST(quoted, cannot_be_left_by_what_it_holds) {
    EXPECT_EQ(quoted(""), R"("")");
    EXPECT_EQ(quoted("a.txt, 5 bytes"), R"("a.txt, 5 bytes")");
    EXPECT_EQ(quoted("a\", 5 bytes from \"b"), R"("a\", 5 bytes from \"b")");
    EXPECT_EQ(quoted("a\\"), R"("a\\")");
    EXPECT_EQ(quoted("a\n\x1B[2J\u202E"), R"("a\n\x1B[2J\xE2\x80\xAE")");
    EXPECT_EQ(quoted("abcdef", 4), R"-("abcd... (2 more)")-");
}

} // namespace fairlead::file_transfer
