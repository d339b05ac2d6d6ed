#include "core/block_pool.hpp"

#include <fairlead/byte_buffer.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

namespace fairlead::test {

constexpr std::size_t block = block_pool::block_size;

TEST(block_pool, hands_out_the_block_that_came_back_last) {
    block_pool pool;
    unsigned char* const first = pool.lease(block);
    unsigned char* const second = pool.lease(block);
    EXPECT_NE(first, second);
    EXPECT_EQ(pool.leased(), 2 * block);
    pool.give_back(first, block);
    pool.give_back(second, block);
    EXPECT_EQ(pool.leased(), 0u);
    EXPECT_EQ(pool.lease(block), second);
    EXPECT_EQ(pool.lease(block), first);
    pool.give_back(first, block);
    pool.give_back(second, block);
}

TEST(block_pool, counts_blocks_beyond_those_it_keeps) {
    block_pool pool;
    std::vector<unsigned char*> blocks;
    for (std::size_t i = 0; i != block_pool::max_idle + 5; ++i)
        blocks.push_back(pool.lease(block));
    EXPECT_EQ(pool.leased(), (block_pool::max_idle + 5) * block);
    for (unsigned char* const each : blocks)
        pool.give_back(each, block);
    EXPECT_EQ(pool.leased(), 0u);
}

TEST(block_pool, gives_storage_of_any_size_that_can_be_written_to_its_end) {
    block_pool pool;
    for (const std::size_t size : {std::size_t{64}, block, 3 * block}) {
        unsigned char* const storage = pool.lease(size);
        storage[0] = 1;
        storage[size - 1] = 2;
        EXPECT_EQ(pool.leased(), size);
        pool.give_back(storage, size);
    }
}

TEST(block_pool, without_a_budget_has_no_end) {
    EXPECT_EQ(block_pool{}.left(), std::numeric_limits<std::size_t>::max());
}

TEST(buffer_budget, is_shared_by_the_pools_that_report_to_it) {
    buffer_budget budget{100 * block};
    block_pool one, other;
    one.use(budget);
    other.use(budget);
    unsigned char* const first = one.lease(block);
    unsigned char* const second = other.lease(block);
    EXPECT_EQ(one.left(), 98 * block);
    EXPECT_EQ(other.left(), 98 * block);
    one.give_back(first, block);
    EXPECT_EQ(other.left(), 99 * block);
    other.give_back(second, block);
    EXPECT_EQ(other.left(), 100 * block);
}

TEST(buffer_budget, counts_what_a_buffer_holds_while_it_grows_and_shrinks) {
    buffer_budget budget{1024 * block};
    block_pool pool;
    pool.use(budget);
    {
        byte_buffer buffer{pool};
        buffer.append(std::string(5 * block, 'x'));
        EXPECT_EQ(pool.leased(), buffer.capacity());
        EXPECT_LE(budget.left() + 5 * block, budget.most() + static_cast<std::size_t>(budget.grain()));
        buffer.consume(5 * block - 10);
        buffer.park();
        EXPECT_EQ(pool.leased(), buffer.capacity());
        EXPECT_LE(buffer.capacity(), 64u);
    }
    EXPECT_EQ(pool.leased(), 0u);
    EXPECT_GE(budget.left() + static_cast<std::size_t>(budget.grain()), budget.most());
}

TEST(buffer_budget, has_nothing_left_when_more_is_held_than_it_allows) {
    buffer_budget budget{1000};
    budget.add(1001);
    EXPECT_EQ(budget.left(), 0u);
}

TEST(buffer_budget, lets_one_session_at_a_time_finish) {
    using namespace std::chrono_literals;
    buffer_budget budget{1};
    EXPECT_TRUE(budget.let_finish(1, 1'000ms));
    EXPECT_FALSE(budget.let_finish(2, 1'000ms));
    EXPECT_TRUE(budget.let_finish(1, 1'900ms));
    EXPECT_FALSE(budget.let_finish(2, 2'800ms)) << "the first has just asked";
    EXPECT_TRUE(budget.let_finish(2, 1'900ms + buffer_budget::patience));
    EXPECT_FALSE(budget.let_finish(1, 3'000ms));
    budget.finished(1);
    EXPECT_FALSE(budget.let_finish(1, 3'000ms));
    budget.finished(2);
    EXPECT_TRUE(budget.let_finish(1, 3'000ms));
}

TEST(buffer_budget, lets_no_session_begin_to_finish_while_more_than_an_eighth_is_lent_to_others) {
    using namespace std::chrono_literals;
    buffer_budget budget{800};
    EXPECT_TRUE(budget.let_finish(1, 1'000ms));
    budget.lend(101);
    EXPECT_FALSE(budget.let_finish(2, 9'000ms));
    EXPECT_TRUE(budget.let_finish(1, 9'000ms)) << "it has begun";
    EXPECT_TRUE(budget.let_finish(2, 19'000ms, 1)) << "100 are lent to others";
    EXPECT_FALSE(budget.let_finish(3, 29'000ms));
    budget.lend(-1);
    EXPECT_TRUE(budget.let_finish(3, 29'000ms));
}

} // namespace fairlead::test
