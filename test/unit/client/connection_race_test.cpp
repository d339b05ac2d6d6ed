#include "client/connection_race.hpp"

#include "support/system_code.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

constexpr ticks race_start{1000};
constexpr ticks attempt_delay = due_after(ticks{0}, 250ms);

std::vector<std::size_t> all(connection_race& race, ticks now) {
    std::vector<std::size_t> begun;
    while (const auto which = race.next(now))
        begun.push_back(*which);
    return begun;
}

using several = std::vector<std::size_t>;

} // namespace

TEST(connection_race, begins_with_the_first_address_alone) {
    connection_race race{3, 250ms};
    EXPECT_EQ(all(race, race_start), several{0});
    EXPECT_FALSE(race.lost());
}

TEST(connection_race, begins_the_next_when_the_one_before_has_been_silent_for_long_enough) {
    connection_race race{3, 250ms};
    all(race, race_start);
    EXPECT_EQ(race.due(), race_start + attempt_delay);
    EXPECT_EQ(all(race, race_start + attempt_delay - ticks{1}), several{});
    EXPECT_EQ(all(race, race_start + attempt_delay), several{1});
    EXPECT_EQ(all(race, race_start + attempt_delay * 2 - ticks{1}), several{});
    EXPECT_EQ(all(race, race_start + attempt_delay * 3), several{2}) << "one at a time, however late";
    EXPECT_EQ(race.due(), connection_race::never);
}

TEST(connection_race, begins_the_next_at_once_when_one_fails) {
    connection_race race{3, 250ms};
    all(race, race_start);
    race.failed(system_code(ECONNREFUSED));
    EXPECT_EQ(all(race, race_start), several{1});
    EXPECT_EQ(race.due(), race_start + attempt_delay);
}

TEST(connection_race, begins_one_for_each_that_failed_while_others_are_silent) {
    connection_race race{5, 250ms};
    all(race, race_start);
    all(race, race_start + attempt_delay);
    race.failed(system_code(ECONNREFUSED));
    EXPECT_EQ(all(race, race_start + attempt_delay), several{2});
    EXPECT_FALSE(race.lost());
}

TEST(connection_race, is_lost_when_every_address_has_failed) {
    connection_race race{2, 250ms};
    all(race, race_start);
    all(race, race_start + attempt_delay);
    race.failed(system_code(ETIMEDOUT));
    EXPECT_FALSE(race.lost());
    race.failed(system_code(ECONNREFUSED));
    EXPECT_TRUE(race.lost());
    EXPECT_EQ(race.why(), system_code(ECONNREFUSED));
}

TEST(connection_race, tells_an_error_of_the_server_rather_than_that_there_is_no_way_to_it) {
    for (const int unreachable : {ENETUNREACH, EAFNOSUPPORT, EADDRNOTAVAIL}) {
        for (const bool reversed : {false, true}) {
            connection_race race{2, 250ms};
            all(race, race_start);
            race.failed(system_code(reversed ? unreachable : ECONNREFUSED));
            all(race, race_start);
            race.failed(system_code(reversed ? ECONNREFUSED : unreachable));
            EXPECT_EQ(race.why(), system_code(ECONNREFUSED));
        }
    }
    connection_race race{1, 250ms};
    all(race, race_start);
    race.failed(system_code(ENETUNREACH));
    EXPECT_EQ(race.why(), system_code(ENETUNREACH));
}

TEST(connection_race, tries_an_address_without_room_again_a_little_later) {
    connection_race race{1, 250ms};
    for (ticks now = race_start; now < race_start + ticks{10}; now = race.due()) {
        EXPECT_EQ(all(race, now), several{0});
        race.full(now);
        EXPECT_FALSE(race.lost());
        EXPECT_GT(race.due(), now);
        EXPECT_LE(race.due(), now + ticks{2});
        EXPECT_EQ(all(race, now), several{});
    }
}

} // namespace fairlead::test
