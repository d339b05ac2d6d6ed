#include "file_transfer/in_quotes.hpp"

#include <gtest/gtest.h>

namespace fairlead::file_transfer {

TEST(in_quotes, cannot_be_left_by_what_it_holds) {
    EXPECT_EQ(in_quotes(""), R"("")");
    EXPECT_EQ(in_quotes("a.txt, 5 bytes"), R"("a.txt, 5 bytes")");
    EXPECT_EQ(in_quotes("a\", 5 bytes from \"b"), R"("a\", 5 bytes from \"b")");
    EXPECT_EQ(in_quotes("a\\"), R"("a\\")");
    EXPECT_EQ(in_quotes("a\n\x1B[2J\u202E"), R"("a\n\x1B[2J\xE2\x80\xAE")");
    EXPECT_EQ(in_quotes("abcdef", 4), R"-("abcd... (2 more)")-");
}

} // namespace fairlead::file_transfer
