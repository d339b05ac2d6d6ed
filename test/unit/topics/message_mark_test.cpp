#include "topics/message_mark.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(message_mark, is_before_the_messages_that_came_after_it_also_where_numbers_begin_anew) {
    for (const std::uint32_t last : {0u, 41u, 0xFFFFFFFFu, 0x7FFFFFFFu}) {
        const message_mark mark{last};
        EXPECT_FALSE(mark.is_before(last - 1));
        EXPECT_FALSE(mark.is_before(last));
        EXPECT_TRUE(mark.is_before(last + 1));
        EXPECT_TRUE(mark.is_before(last + 1'000'000));
    }
}

TEST(message_mark, that_follows_is_before_all_later_messages_for_ever) {
    message_mark mark{7};
    std::uint32_t number = 7;
    for (int i = 0; i < 100; ++i) {
        number += 100'000'000;
        mark.follow(number);
        EXPECT_TRUE(mark.is_before(number)) << i;
        EXPECT_FALSE(mark.is_before(number - (1u << 30) - 100'000'001)) << i;
    }
}

} // namespace fairlead::test
