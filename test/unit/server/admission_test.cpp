#include "server/admission.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

namespace fairlead::test {

endpoint address(const char* text) {
    ::sockaddr_in v4{};
    v4.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return {reinterpret_cast<const ::sockaddr*>(&v4), sizeof v4};
    ::sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    EXPECT_EQ(::inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
    return {reinterpret_cast<const ::sockaddr*>(&v6), sizeof v6};
}

class admission_test : public ::testing::Test {
protected:
    admission::permit admit(admission::listener& where, const char* from = "10.0.0.1") {
        auto permit = all.admit(where, address(from));
        EXPECT_TRUE(permit);
        return std::move(*permit);
    }

    admission_test() { all.set_most(3); }

    int told = 0;
    admission all{[this] { ++told; }};
};

TEST_F(admission_test, leaves_reserved_descriptors_to_others) {
    const auto one_owned = all.add({});
    auto& one = *one_owned;
    std::vector<admission::permit> places;
    places.push_back(admit(one));
    places.push_back(admit(one));
    {
        const descriptor_reserve files{1};
        EXPECT_EQ(all.most(), 2u);
        EXPECT_FALSE(all.has_capacity(one));
    }
    EXPECT_EQ(all.most(), 3u);
    EXPECT_TRUE(all.has_capacity(one));
}

TEST_F(admission_test, has_room_until_the_server_is_full_and_tells_when_there_is_room_again) {
    const auto one_owned = all.add({});
    auto& one = *one_owned;
    const auto other_owned = all.add({});
    auto& other = *other_owned;
    std::vector<admission::permit> places;
    for (auto* each : {&one, &other, &one}) {
        EXPECT_TRUE(all.has_capacity(*each));
        places.push_back(admit(*each));
    }
    EXPECT_FALSE(all.has_capacity(one));
    EXPECT_FALSE(all.has_capacity(other));
    EXPECT_EQ(told, 0);
    places.pop_back();
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(all.has_capacity(other));
    places.pop_back();
    EXPECT_EQ(told, 1) << "nobody waited";
}

TEST_F(admission_test, keeps_each_listener_to_its_own_limit) {
    const auto small_owned = all.add({.max_sessions = 1});
    auto& small = *small_owned;
    const auto large_owned = all.add({});
    auto& large = *large_owned;
    const auto held = admit(small);
    EXPECT_FALSE(all.has_capacity(small));
    EXPECT_TRUE(all.has_capacity(large));
}

TEST_F(admission_test, knows_how_many_sessions_a_listener_may_have) {
    EXPECT_EQ(all.most(*all.add({})), 3u);
    EXPECT_EQ(all.most(*all.add({.max_sessions = 2})), 2u);
    EXPECT_EQ(all.most(*all.add({.max_sessions = 5})), 3u) << "descriptors are fewer";
}

TEST_F(admission_test, refuses_an_address_that_has_as_many_as_it_may_and_no_other) {
    const auto door_owned = all.add({.max_sessions_per_address = 1});
    auto& door = *door_owned;
    {
        const auto held = admit(door, "10.0.0.1");
        EXPECT_FALSE(all.admit(door, address("10.0.0.1")));
        EXPECT_TRUE(all.admit(door, address("10.0.0.2")));
    }
    EXPECT_TRUE(all.admit(door, address("10.0.0.1")));
}

TEST_F(admission_test, leaves_an_address_a_quarter_of_the_places_unless_told_otherwise) {
    all.set_most(400);
    const auto door_owned = all.add({});
    auto& door = *door_owned;
    const auto small_door_owned = all.add({.max_sessions = 80});
    auto& small_door = *small_door_owned;
    const auto open_door_owned = all.add({.max_sessions_per_address = 0});
    auto& open_door = *open_door_owned;
    std::vector<admission::permit> places;
    const auto take = [&](admission::listener& at, const char* from) {
        const std::size_t before = places.size();
        while (places.size() - before < 150) {
            auto place = all.admit(at, address(from));
            if (!place)
                break;
            places.push_back(std::move(*place));
        }
        return places.size() - before;
    };
    EXPECT_EQ(take(door, "10.0.0.1"), 100u);
    EXPECT_EQ(take(small_door, "10.0.0.1"), 20u);
    EXPECT_EQ(take(open_door, "10.0.0.1"), 150u);
    EXPECT_EQ(take(door, "127.0.0.1"), 150u) << "what is on this machine is not limited";
    EXPECT_EQ(take(door, "::1"), 150u);
}

TEST_F(admission_test, leaves_an_address_sixteen_while_memory_is_scarce) {
    all.set_most(100);
    const auto one_owned = all.add({});
    auto& one = *one_owned;
    std::vector<admission::permit> places;
    buffer_budget nearly_full{1'000};
    nearly_full.add(900);
    for (int i = 0; i < 20; ++i)
        places.push_back(admit(one));
    EXPECT_FALSE(all.admit(one, address("10.0.0.1"), &nearly_full));
    EXPECT_TRUE(all.admit(one, address("10.0.0.1"))) << "it is not scarce";
    for (std::size_t i = 0; i < admission::always; ++i)
        places.push_back(*all.admit(one, address("10.0.0.2"), &nearly_full));
    EXPECT_FALSE(all.admit(one, address("10.0.0.2"), &nearly_full));
    EXPECT_FALSE(all.admit(one, address("127.0.0.1"), &nearly_full)) << "nobody counts those";
    const auto open_door = all.add({.max_sessions_per_address = 0, .max_buffer_per_address = 0});
    EXPECT_FALSE(all.admit(*open_door, address("10.0.0.3"), &nearly_full)) << "nor these";
    EXPECT_FALSE(all.admit(*all.add({.max_sessions_per_address = 1}), endpoint{}, &nearly_full));
}

TEST_F(admission_test, lets_an_address_buffer_a_quarter_of_all_unless_told_otherwise) {
    buffer_budget all_buffers{1'000};
    const auto most = [&](const limits& bounds, const char* from, const buffer_budget* buffers) -> std::size_t {
        const auto door = all.add(bounds);
        const auto held = all.admit(*door, address(from), buffers);
        return held && held->buffers() ? held->buffers()->most() : 0;
    };
    EXPECT_EQ(most({}, "10.0.0.1", &all_buffers), 250u);
    EXPECT_EQ(most({.max_sessions_per_address = 0}, "10.0.0.1", &all_buffers), 250u);
    EXPECT_EQ(most({}, "127.0.0.1", &all_buffers), 0u) << "what is on this machine is not limited";
    EXPECT_EQ(most({}, "10.0.0.1", nullptr), 0u) << "there is nothing to have a quarter of";
    EXPECT_EQ(most({.max_buffer_per_address = 70}, "10.0.0.1", nullptr), 70u);
    EXPECT_EQ(most({.max_buffer_per_address = 70}, "127.0.0.1", &all_buffers), 70u);
    EXPECT_EQ(most({.max_buffer_per_address = 0}, "10.0.0.1", &all_buffers), 0u);
}

TEST_F(admission_test, keeps_one_account_of_buffers_for_the_sessions_of_an_address) {
    const auto door = all.add({.max_buffer_per_address = 70});
    const auto one = admit(*door, "10.0.0.1");
    const auto two = admit(*door, "10.0.0.1");
    const auto other = admit(*door, "10.0.0.2");
    EXPECT_EQ(one.buffers(), two.buffers());
    EXPECT_NE(one.buffers(), other.buffers());
}

TEST_F(admission_test, takes_a_network_of_64_bits_for_one_address_of_ipv6) {
    const auto door_owned = all.add({.max_sessions_per_address = 1});
    auto& door = *door_owned;
    const auto held = admit(door, "2001:db8::1");
    EXPECT_FALSE(all.admit(door, address("2001:db8::ffff:2")));
    EXPECT_TRUE(all.admit(door, address("2001:db8:0:1::1")));
}

TEST_F(admission_test, does_not_limit_peers_without_an_address) {
    const auto door_owned = all.add({.max_sessions_per_address = 1});
    auto& door = *door_owned;
    const auto one = all.admit(door, endpoint{});
    EXPECT_TRUE(all.admit(door, endpoint{}));
}

TEST_F(admission_test, counts_a_place_that_is_held_before_its_address_is_known) {
    const auto door_owned = all.add({.max_sessions = 2, .max_sessions_per_address = 1});
    auto& door = *door_owned;
    auto first = all.hold(door);
    auto second = all.hold(door);
    EXPECT_FALSE(all.has_capacity(door));
    EXPECT_EQ(door.accepted(), 0u);
    EXPECT_TRUE(all.admit(first, address("10.0.0.1")));
    EXPECT_FALSE(all.admit(second, address("10.0.0.1")));
    EXPECT_TRUE(all.admit(second, address("10.0.0.2"))) << "a refusal has changed nothing";
    EXPECT_EQ(door.accepted(), 2u);
    EXPECT_EQ(door.active(), 2u);
    { const auto gone = std::move(first); }
    EXPECT_TRUE(all.admit(door, address("10.0.0.1")));
}

TEST_F(admission_test, loses_no_wake_up_when_sessions_end_on_other_threads) {
    for (int round = 0; round < 1'000; ++round) {
        std::atomic<int> wakes{0};
        admission busy{[&wakes] { ++wakes; }};
        busy.set_most(1);
        const auto door_owned = busy.add({});
        auto& door = *door_owned;
        std::barrier both{2};
        std::thread other{[&both, permit = std::move(*busy.admit(door, address("10.0.0.1")))]() mutable {
            both.arrive_and_wait();
            const auto gone = std::move(permit);
        }};
        both.arrive_and_wait();
        const bool room = busy.has_capacity(door);
        other.join();
        EXPECT_TRUE(room || wakes == 1);
    }
}

} // namespace fairlead::test
