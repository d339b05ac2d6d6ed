#include "runtime/deadline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

class noted_deadline final : public deadline {
public:
    std::vector<std::int64_t> told;
    std::function<void()> then = [] {};

private:
    void on_deadline(ticks now) override {
        told.push_back(now.count());
        then();
    }
};

using times = std::vector<std::int64_t>;

void advance_one_by_one(deadline_wheel& wheel, std::int64_t to) {
    while (wheel.now() < ticks{to})
        wheel.advance(wheel.now() + ticks{1});
}

TEST(deadline_wheel, tells_at_the_tick_that_was_asked_for_however_far_it_is) {
    for (const std::int64_t due : {1, 2, 511, 512, 513, 1024, 5'000}) {
        deadline_wheel wheel;
        noted_deadline who;
        wheel.arm(who, ticks{due});
        advance_one_by_one(wheel, 6'000);
        EXPECT_EQ(who.told, times{due});
        EXPECT_FALSE(who.linked());
    }
}

TEST(deadline_wheel, tells_what_has_passed_already_at_the_next_tick) {
    deadline_wheel wheel{ticks{100}};
    noted_deadline who;
    wheel.arm(who, ticks{50});
    wheel.advance(ticks{101});
    EXPECT_EQ(who.told, times{101});
}

TEST(deadline_wheel, tells_everybody_once_after_a_jump_over_many_rounds) {
    deadline_wheel wheel;
    std::vector<std::unique_ptr<noted_deadline>> all;
    for (std::int64_t due = 1; due <= 2'000; due += 7) {
        all.push_back(std::make_unique<noted_deadline>());
        wheel.arm(*all.back(), ticks{due});
    }
    wheel.advance(ticks{10'000});
    for (const auto& each : all)
        EXPECT_EQ(each->told, times{10'000});
}

TEST(deadline_wheel, does_not_tell_in_a_jump_what_lies_behind_it) {
    deadline_wheel wheel;
    noted_deadline who;
    wheel.arm(who, ticks{10'001});
    wheel.advance(ticks{10'000});
    EXPECT_TRUE(who.told.empty());
    wheel.advance(ticks{10'001});
    EXPECT_EQ(who.told, times{10'001});
}

TEST(deadline_wheel, forgets_who_is_armed_anew_disarmed_or_destroyed) {
    deadline_wheel wheel;
    noted_deadline moved, disarmed;
    auto destroyed = std::make_unique<noted_deadline>();
    for (noted_deadline* const each : {&moved, &disarmed, destroyed.get()})
        wheel.arm(*each, ticks{5});
    wheel.arm(moved, ticks{7});
    disarmed.unlink();
    destroyed.reset();
    advance_one_by_one(wheel, 20);
    EXPECT_EQ(moved.told, times{7});
    EXPECT_TRUE(disarmed.told.empty());
}

TEST(deadline_wheel, lets_who_is_told_arm_itself_again_and_end_others) {
    deadline_wheel wheel;
    noted_deadline again;
    auto other = std::make_unique<noted_deadline>(), third = std::make_unique<noted_deadline>();
    again.then = [&] {
        other.reset();
        third.reset();
        wheel.arm(again, wheel.now() + ticks{3});
    };
    wheel.arm(*other, ticks{2});
    wheel.arm(again, ticks{2}); // in front of the one, and the third in front of it
    wheel.arm(*third, ticks{9});
    advance_one_by_one(wheel, 8);
    EXPECT_EQ(again.told, (times{2, 5, 8}));
}

TEST(deadline_wheel, goes_on_when_somebody_throws) {
    deadline_wheel wheel;
    noted_deadline throwing, other;
    throwing.then = [] { throw std::runtime_error{"thrown on purpose"}; };
    wheel.arm(other, ticks{1});
    wheel.arm(throwing, ticks{1});
    wheel.advance(ticks{1});
    EXPECT_EQ(throwing.told, times{1});
    EXPECT_EQ(other.told, times{1});
}

TEST(deadline_wheel, is_exact_for_ten_thousand_deadlines_however_unevenly_the_time_goes) {
    std::mt19937 random{7};
    deadline_wheel wheel;
    std::vector<std::unique_ptr<noted_deadline>> all;
    std::vector<std::int64_t> due;
    for (int i = 0; i < 10'000; ++i) {
        all.push_back(std::make_unique<noted_deadline>());
        due.push_back(1 + static_cast<std::int64_t>(random() % 3'000));
        wheel.arm(*all.back(), ticks{due.back()});
    }
    std::vector<std::int64_t> steps{0};
    while (steps.back() < 3'100)
        steps.push_back(steps.back() + 1 + static_cast<std::int64_t>(random() % 40));
    for (const std::int64_t each : steps)
        wheel.advance(ticks{each});
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i]->told, times{*std::lower_bound(steps.begin(), steps.end(), due[i])});
}

TEST(due_after, is_never_early_and_late_by_one_tick_at_most) {
    EXPECT_EQ(due_after(ticks{10}, 50ms), ticks{12}) << "what was noted at tick 10 may have been at almost 11";
    EXPECT_EQ(due_after(ticks{10}, 51ms), ticks{13});
    EXPECT_EQ(due_after(ticks{10}, 1ms), ticks{12});
}

} // namespace fairlead::test
