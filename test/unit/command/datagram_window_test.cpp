#include "load/datagram_window.hpp"

#include <gtest/gtest.h>
#include <set>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

datagram_window::time_point at(std::chrono::milliseconds time) {
    return datagram_window::time_point{time};
}

} // namespace

TEST(datagram_window, has_room_for_as_many_as_it_is_told) {
    for (const std::size_t room : {1u, 3u, 4u, 100u}) {
        datagram_window window{room};
        for (std::size_t opened = 0; opened < room; ++opened) {
            EXPECT_EQ(window.waiting(), opened);
            ASSERT_TRUE(window.has_room());
            window.open(at(1ms), at(1ms));
        }
        EXPECT_FALSE(window.has_room());
        EXPECT_EQ(window.waiting(), room);
    }
}

TEST(datagram_window, takes_replies_in_any_order) {
    datagram_window window{3};
    const auto first = window.open(at(1ms), at(2ms));
    const auto second = window.open(at(3ms), at(4ms));
    const auto third = window.open(at(5ms), at(6ms));
    for (const auto number : {second, third, first}) {
        const auto closed = window.close(number);
        ASSERT_TRUE(closed);
        EXPECT_EQ(closed->number, number);
        EXPECT_EQ(closed->due, number == first ? at(1ms) : number == second ? at(3ms) : at(5ms));
    }
    EXPECT_EQ(window.waiting(), 0u);
}

TEST(datagram_window, knows_no_number_twice) {
    datagram_window window{2};
    const auto number = window.open(at(1ms), at(1ms));
    EXPECT_TRUE(window.close(number));
    EXPECT_FALSE(window.close(number)) << "a double";
    EXPECT_FALSE(window.close(number + 1)) << "never sent";
    window.open(at(2ms), at(2ms));
    EXPECT_FALSE(window.close(number)) << "late, while another is in its place";
}

TEST(datagram_window, does_not_use_a_number_again_soon) {
    datagram_window window{3};
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 10'000; ++i) {
        const auto number = window.open(at(1ms), at(1ms));
        EXPECT_TRUE(seen.insert(number).second);
        window.close(number);
    }
}

TEST(datagram_window, takes_a_reply_without_a_number_for_the_oldest) {
    datagram_window window{3};
    const auto first = window.open(at(1ms), at(1ms));
    const auto second = window.open(at(2ms), at(2ms));
    window.close(first);
    const auto third = window.open(at(3ms), at(3ms)); // in the place of the first
    EXPECT_EQ(window.close_oldest()->number, second);
    EXPECT_EQ(window.close_oldest()->number, third);
    EXPECT_FALSE(window.close_oldest());
}

TEST(datagram_window, gives_up_what_was_sent_too_long_ago) {
    datagram_window window{3};
    const auto first = window.open(at(0ms), at(10ms));
    const auto second = window.open(at(0ms), at(20ms));
    EXPECT_EQ(window.give_up(at(10ms)), 0u);
    EXPECT_EQ(window.give_up(at(11ms)), 1u);
    EXPECT_EQ(window.waiting(), 1u);
    EXPECT_FALSE(window.close(first));
    EXPECT_TRUE(window.close(second));
    EXPECT_EQ(window.give_up(at(1000ms)), 0u);
}

} // namespace fairlead::command
