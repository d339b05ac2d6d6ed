#include "core/memory_share.hpp"

#include <gtest/gtest.h>

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

TEST_F(memory_share_test, counts_as_lent_what_it_holds_until_its_message_is_whole) {
    auto later = [passed = 0ms]() mutable { return passed += buffer_budget::patience; };
    all.add(1'000);
    memory_share silent{}, neighbour{}, third{};
    const auto lets = [&](memory_share& share, std::uint64_t id, std::size_t held) {
        return share.may_finish(id, held, &all, later(), [](buffer_budget&) {});
    };
    EXPECT_TRUE(lets(silent, one, 50));
    EXPECT_TRUE(lets(silent, one, 80));
    EXPECT_TRUE(lets(neighbour, other, 60)) << "80 are less than an eighth";
    EXPECT_FALSE(lets(third, 3, 50));
    silent.finished(one, &all);
    EXPECT_TRUE(lets(third, 3, 50));
    neighbour.finished(other, &all);
    third.finished(3, &all);
    EXPECT_TRUE(lets(silent, one, 130));
    EXPECT_FALSE(lets(third, 3, 50)) << "nothing of what was lent before is missing";
    silent.finished(one, &all);
    EXPECT_TRUE(lets(third, 3, 50));
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
