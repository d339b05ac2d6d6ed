#include <fairlead/close_reason.hpp>

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(closed_by, has_a_name_for_each_side) {
    EXPECT_EQ(to_string(closed_by::none), "none");
    EXPECT_EQ(to_string(closed_by::peer), "peer");
    EXPECT_EQ(to_string(closed_by::local), "local");
    EXPECT_EQ(to_string(closed_by::limit), "limit");
    EXPECT_EQ(to_string(closed_by::stop), "stop");
    EXPECT_EQ(to_string(closed_by::system), "system");
    EXPECT_EQ(to_string(closed_by{99}), "unknown");
}

} // namespace fairlead::test
