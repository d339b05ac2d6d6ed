#include "core/memory_share.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <new>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

constexpr std::uint64_t one = 1, other = 2;

class memory_share_test : public ::testing::Test {
protected:
    bool may_finish(memory_share& share, std::uint64_t id, std::size_t held) {
        return share.may_finish(id, held, &all, 0ms, [this](buffer_budget& budget) { begun.push_back(&budget); });
    }

    buffer_budget address{100};
    buffer_budget all{1'000};
    std::vector<buffer_budget*> begun;
};

} // namespace

TEST_F(memory_share_test, charges_the_address_as_much_as_the_connection_holds) {
    memory_share share{&address};
    share.charge(30);
    EXPECT_EQ(address.left(), 70u);
    share.charge(10);
    EXPECT_EQ(address.left(), 90u);
}

TEST_F(memory_share_test, leaves_the_account_of_an_address_as_it_was) {
    buffer_budget next{100};
    memory_share share{&address};
    share.charge(30);
    EXPECT_TRUE(may_finish(share, one, 80));
    share.charge_to(&next, one);
    EXPECT_EQ(address.left(), 100u);
    EXPECT_FALSE(address.is_finishing(one));
    share.charge(20);
    EXPECT_EQ(next.left(), 80u);
    share.charge_to(nullptr, one);
    EXPECT_EQ(next.left(), 100u);
    EXPECT_FALSE(share.is_charged());
}

TEST_F(memory_share_test, has_room_while_more_is_left_of_both_budgets_than_it_holds) {
    memory_share share{&address};
    share.charge(40);
    EXPECT_TRUE(share.has_room(40, &all));
    EXPECT_FALSE(share.has_room(60, &all));
    all.add(970);
    EXPECT_FALSE(share.has_room(40, &all));
    EXPECT_TRUE(share.has_room(40, nullptr));
    EXPECT_TRUE(memory_share{}.has_room(1'000'000, nullptr));
}

TEST_F(memory_share_test, lets_one_connection_finish_where_there_is_no_room) {
    memory_share share{&address};
    memory_share its_neighbour{&address};
    address.add(90);
    EXPECT_TRUE(may_finish(share, one, 50));
    EXPECT_EQ(begun, std::vector{&address});
    EXPECT_TRUE(may_finish(share, one, 50)) << "it goes on";
    EXPECT_FALSE(may_finish(its_neighbour, other, 50));
    EXPECT_EQ(begun.size(), 1u);
    EXPECT_TRUE(may_finish(its_neighbour, other, 5)) << "there is room for it";
    share.finished(one, &all);
    EXPECT_TRUE(may_finish(its_neighbour, other, 50));
}

TEST_F(memory_share_test, lends_no_more_than_an_eighth_to_those_that_fall_silent_in_a_message_and_one_message) {
    all.add(1'000);
    std::list<memory_share> silent;
    std::uint64_t id = 0;
    auto now = 0ms;
    for (; id < 100; now += buffer_budget::patience) {
        if (!silent.emplace_back().may_finish(++id, 1, &all, now, [](buffer_budget&) {}))
            break;
        silent.back().lend_again(50, &all); // what came
    }
    EXPECT_EQ(id, 4u) << "after 150 of 125";
    silent.front().lend_again(20, &all);
    EXPECT_TRUE(silent.back().may_finish(id, 1, &all, now, [](buffer_budget&) {})) << "120 are lent";
}

TEST_F(memory_share_test, lends_nothing_after_its_message_was_taken) {
    all.add(1'000);
    memory_share share{}, next{};
    EXPECT_FALSE(share.is_lent());
    for (int message = 0; message < 3; ++message) {
        EXPECT_TRUE(may_finish(share, one, 1));
        share.lend_again(800, &all);
        EXPECT_TRUE(share.is_lent());
        share.lend_again(0, &all);
        EXPECT_FALSE(share.is_lent());
    }
    EXPECT_FALSE(may_finish(next, other, 1)) << "the first one may still go on for a while";
    share.finished(one, &all);
    EXPECT_TRUE(may_finish(next, other, 1));
    next.lend_again(800, &all);
    next.finished(other, &all);
    EXPECT_TRUE(may_finish(share, one, 1));
}

TEST_F(memory_share_test, goes_on_where_others_hold_less_than_an_eighth_whatever_it_holds_itself) {
    all.add(1'000);
    memory_share share{}, silent{};
    const auto lets = [&](memory_share& each, std::uint64_t id, std::chrono::milliseconds now) {
        return each.may_finish(id, 1, &all, now, [](buffer_budget&) {});
    };
    EXPECT_TRUE(lets(share, one, 0ms));
    share.lend_again(80, &all);
    EXPECT_TRUE(lets(silent, other, buffer_budget::patience));
    silent.lend_again(60, &all);
    EXPECT_TRUE(lets(share, one, 2 * buffer_budget::patience)) << "140 are lent, 60 of them to the other one";
}

TEST_F(memory_share_test, frees_the_turn_of_one_that_ends_because_it_was_told_of_its_turn) {
    all.add(1'000);
    memory_share share{};
    EXPECT_THROW(share.may_finish(one, 1, &all, 0ms, [](buffer_budget&) { throw std::bad_alloc{}; }), std::bad_alloc);
    share.finished(one, &all);
    EXPECT_TRUE(all.let_finish(other, 0ms));
}

TEST_F(memory_share_test, keeps_no_others_from_finishing_while_it_waits_for_its_address) {
    memory_share share{&address}, its_neighbour{&address}, far{};
    address.add(90);
    all.add(990);
    EXPECT_TRUE(may_finish(share, one, 50));
    EXPECT_EQ(begun, (std::vector{&address, &all}));
    EXPECT_FALSE(may_finish(its_neighbour, other, 50));
    share.finished(one, &all);
    address.let_finish(one, 0ms);
    EXPECT_FALSE(may_finish(its_neighbour, other, 50)) << "its address";
    EXPECT_TRUE(may_finish(far, 3, 50));
}

} // namespace fairlead::test
