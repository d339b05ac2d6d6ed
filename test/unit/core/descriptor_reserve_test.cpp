#include "core/descriptor_reserve.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(sessions_beside, leaves_what_is_reserved_but_no_more_than_half) {
    EXPECT_EQ(sessions_beside(1'000, 0), 1'000u);
    EXPECT_EQ(sessions_beside(1'000, 300), 700u);
    EXPECT_EQ(sessions_beside(1'000, 500), 500u);
    EXPECT_EQ(sessions_beside(1'000, 1'000'000), 500u);
    EXPECT_EQ(sessions_beside(1, 8), 1u) << "there is always a session";
    EXPECT_EQ(sessions_beside(0, 8), 0u);
}

TEST(descriptor_reserve, lasts_as_long_as_it_lives) {
    const std::size_t before = descriptor_reserve::all();
    {
        const descriptor_reserve one{3};
        const descriptor_reserve other{4};
        EXPECT_EQ(descriptor_reserve::all(), before + 7);
    }
    EXPECT_EQ(descriptor_reserve::all(), before);
}

} // namespace fairlead::test
