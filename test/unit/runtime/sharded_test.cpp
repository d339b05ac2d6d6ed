#include <fairlead/runtime.hpp>
#include <fairlead/sharded.hpp>

#include "support/run.hpp"

#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

/// Knows the thread on which it is used.
struct part {
    int value = 0;
    std::thread::id used_on = {};

    void add(int number) {
        EXPECT_TRUE(used_on == std::thread::id{} || used_on == std::this_thread::get_id());
        used_on = std::this_thread::get_id();
        value += number;
    }
};

struct stays {
    explicit stays(std::size_t number) : index{number} {}
    stays(const stays&) = delete;
    stays& operator=(const stays&) = delete;
    std::size_t index;
};

boost::asio::awaitable<void> add_to_each(sharded<part>& parts, std::vector<int>& seen) {
    auto add = [&seen](part& each) {
        each.add(5);
        seen.push_back(each.value); // one shard after the other, so without a lock
    };
    co_await parts.for_each(add);
    co_await parts.for_each(add);
}

boost::asio::awaitable<void> sleep_and_add(shard& home, part& each) {
    co_await home.sleep_for(std::chrono::milliseconds(1));
    each.add(1);
}

boost::asio::awaitable<void> await_each(runtime& all, sharded<part>& parts) {
    std::size_t next = 0;
    auto add = [&](part& each) { return sleep_and_add(all[next++], each); };
    co_await parts.for_each(add);
}

boost::asio::awaitable<void> fail_at_second(sharded<part>& parts) {
    int calls = 0;
    auto fail = [&calls](part& each) {
        each.add(1);
        if (++calls == 2)
            throw std::runtime_error{"on purpose"};
    };
    co_await parts.for_each(fail);
}

boost::asio::awaitable<void> sum_up(sharded<part>& parts, std::string& sum) {
    auto add = [](std::string so_far, part& each) { return so_far + std::to_string(each.value) + " "; };
    sum = co_await parts.reduce(std::string("sum "), add);
}

} // namespace

TEST(sharded, has_one_object_for_each_shard_that_uses_it) {
    runtime all{3};
    sharded<int> numbers;
    int next = 0;
    for (shard& each : all.shards())
        numbers.local(each) = ++next;
    EXPECT_EQ(numbers.local(all[0]), 1);
    EXPECT_EQ(numbers.local(all[2]), 3);
}

TEST(sharded, makes_each_object_for_its_shard_in_place) {
    runtime all{2};
    int made = 0;
    sharded<stays> parts{[&made](shard& home) { return ++made, stays{home.index()}; }};
    EXPECT_EQ(made, 0);
    EXPECT_EQ(parts.local(all[1]).index, 1u);
    EXPECT_EQ(parts.local(all[0]).index, 0u);
    EXPECT_EQ(&parts.local(all[1]), &parts.local(all[1]));
    EXPECT_EQ(made, 2);
}

TEST(sharded, makes_no_object_where_the_constructor_throws) {
    shard home;
    bool fails = true;
    sharded<int> numbers{[&fails](shard&) { return fails ? throw std::runtime_error{"on purpose"} : 7; }};
    EXPECT_THROW(numbers.local(home), std::runtime_error);
    fails = false;
    EXPECT_EQ(numbers.local(home), 7);
}

TEST(sharded, refuses_a_shard_of_another_runtime) {
    runtime all{1}, others{2};
    sharded<int> numbers;
    numbers.local(all[0]) = 1;
    EXPECT_THROW(numbers.local(others[0]), std::logic_error);
}

TEST(sharded, is_visited_on_the_threads_of_the_shards_one_after_the_other) {
    runtime all{3};
    sharded<part> parts;
    for (shard& each : all.shards())
        parts.local(each);
    std::vector<int> seen;
    all.run(add_to_each(parts, seen));
    EXPECT_EQ(seen, (std::vector<int>{5, 5, 5, 10, 10, 10}));
    EXPECT_EQ(parts.local(all[0]).used_on, std::this_thread::get_id());
    EXPECT_NE(parts.local(all[1]).used_on, parts.local(all[2]).used_on);
    std::string sum;
    all.run(sum_up(parts, sum));
    EXPECT_EQ(sum, "sum 10 10 10 ");
}

TEST(sharded, is_visited_by_coroutines_as_well) {
    runtime all{3};
    sharded<part> parts;
    for (shard& each : all.shards())
        parts.local(each);
    all.run(await_each(all, parts));
    for (shard& each : all.shards())
        EXPECT_EQ(parts.local(each).value, 1);
}

TEST(sharded, is_visited_where_it_was_used_only) {
    runtime all{3};
    sharded<part> parts;
    parts.local(all[2]);
    std::vector<int> seen;
    all.run(add_to_each(parts, seen));
    EXPECT_EQ(seen, (std::vector<int>{5, 10}));
}

TEST(sharded, is_not_visited_further_after_an_exception) {
    runtime all{3};
    sharded<part> parts;
    for (shard& each : all.shards())
        parts.local(each);
    EXPECT_THROW(all.run(fail_at_second(parts)), std::runtime_error);
    EXPECT_EQ(parts.local(all[1]).value, 1);
    EXPECT_EQ(parts.local(all[2]).value, 0);
}

} // namespace fairlead::test
