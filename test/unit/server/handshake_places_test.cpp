#include "server/handshake_places.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <gtest/gtest.h>
#include <optional>
#include <thread>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

const endpoint one = endpoint::parse("tcp://192.0.2.1:1000");
const endpoint other = endpoint::parse("tcp://192.0.2.2:1000");
const endpoint third = endpoint::parse("tcp://192.0.2.3:1000");
const endpoint here = endpoint::parse("tcp://127.0.0.1:1000");

class places_for_handshakes : public ::testing::Test {
protected:
    using place = handshake_places::place;

    runtime home{1};
    shard_core& shard = core_of(home[0]);
    testkit::manual_clock clock{home[0]};
};

} // namespace

TEST_F(places_for_handshakes, are_given_in_the_order_in_which_handshakes_came) {
    handshake_places places{1, 0};
    std::optional<place> taken;
    taken.emplace(places, shard, one);
    EXPECT_TRUE(taken->is_taken());
    std::optional<place> first{std::in_place, places, shard, other};
    const place second{places, shard, third};
    EXPECT_FALSE(first->is_taken());
    taken.reset();
    EXPECT_TRUE(first->is_taken());
    const place newcomer{places, shard, here};
    EXPECT_FALSE(second.is_taken());
    first.reset();
    EXPECT_TRUE(second.is_taken());
    EXPECT_FALSE(newcomer.is_taken());
}

TEST_F(places_for_handshakes, tell_the_shard_of_one_that_has_waited) {
    handshake_places places{1, 0};
    std::optional<place> taken{std::in_place, places, shard, here};
    place waits{places, shard, here};
    bool told = false;
    waits.taken().wait()([&] { told = true; });
    home[0].poll();
    EXPECT_FALSE(told);
    std::thread{[&] { taken.reset(); }}.join();
    EXPECT_FALSE(told);
    home[0].poll();
    EXPECT_TRUE(told);
}

TEST_F(places_for_handshakes, are_kept_from_newcomers_while_others_wait_for_the_rate) {
    handshake_places places{0, 1};
    EXPECT_TRUE(places.is_paced());
    const place taken{places, shard, here};
    const place waits{places, shard, here};
    EXPECT_FALSE(waits.is_taken());
    clock.advance(1'100ms);
    const place newcomer{places, shard, here};
    EXPECT_TRUE(waits.is_taken());
    EXPECT_FALSE(newcomer.is_taken());
    clock.advance(1'100ms);
    places.look(shard.steady_now());
    EXPECT_TRUE(newcomer.is_taken());
}

TEST_F(places_for_handshakes, are_a_quarter_at_most_for_one_address) {
    handshake_places places{8, 0};
    std::optional<place> of_one[3];
    for (auto& each : of_one)
        each.emplace(places, shard, one);
    EXPECT_TRUE(of_one[0]->is_taken());
    EXPECT_TRUE(of_one[1]->is_taken());
    EXPECT_FALSE(of_one[2]->is_taken());
    const place of_other{places, shard, other};
    EXPECT_TRUE(of_other.is_taken());
    of_one[0].reset();
    EXPECT_TRUE(of_one[2]->is_taken());
    of_one[1].reset();
    of_one[2].reset();
    const place again{places, shard, one};
    EXPECT_TRUE(again.is_taken());
}

TEST_F(places_for_handshakes, are_kept_from_nobody_by_an_address_with_many_that_wait) {
    handshake_places places{4, 0};
    std::optional<place> all[4];
    for (auto& each : all)
        each.emplace(places, shard, here);
    std::optional<place> crowd[5];
    for (auto& each : crowd)
        each.emplace(places, shard, one);
    const place later{places, shard, other};
    all[0].reset();
    EXPECT_TRUE(crowd[0]->is_taken());
    all[1].reset();
    EXPECT_TRUE(later.is_taken()) << "one of the crowd was in line, and four waited outside of it";
    crowd[1].reset(); // gives up
    crowd[0].reset();
    EXPECT_TRUE(crowd[2]->is_taken());
    EXPECT_FALSE(crowd[3]->is_taken());
}

TEST_F(places_for_handshakes, are_counted_for_a_network_of_ipv6_and_not_for_this_machine) {
    handshake_places places{4, 0};
    const place first{places, shard, endpoint::parse("tcp://[2001:db8::1]:1000")};
    const place same{places, shard, endpoint::parse("tcp://[2001:db8::2]:1000")};
    EXPECT_TRUE(first.is_taken());
    EXPECT_FALSE(same.is_taken());
    const place local{places, shard, here};
    const place as_well{places, shard, here};
    const place of_unix{places, shard, endpoint::parse("unix:///run/echo")};
    EXPECT_TRUE(local.is_taken());
    EXPECT_TRUE(as_well.is_taken());
    EXPECT_TRUE(of_unix.is_taken());
}

} // namespace fairlead::test
