#include "talk/expectation.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

TEST(expectation, is_met_by_a_reply_that_contains_the_text_and_stays_so) {
    expectation expected{"ON"};
    EXPECT_TRUE(expected.is_given());
    expected.note("PING");
    EXPECT_FALSE(expected.is_met());
    expected.note("PONG");
    EXPECT_TRUE(expected.is_met());
    expected.note("PING");
    EXPECT_TRUE(expected.is_met());
}

TEST(expectation, that_is_not_given_is_never_met) {
    expectation none{std::nullopt};
    none.note("PONG");
    EXPECT_FALSE(none.is_given());
    EXPECT_FALSE(none.is_met());
}

TEST(expectation, names_its_text_on_one_line) {
    EXPECT_EQ(expectation{"a\nb"}.disappointment(), "no reply contained 'a\\nb'");
}

} // namespace fairlead::command
