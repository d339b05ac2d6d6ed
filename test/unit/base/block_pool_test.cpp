#include <fairlead/byte_buffer.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace fairlead::test {

TEST(block_pool, hands_out_the_block_that_came_back_last) {
    block_pool pool;
    unsigned char* const first = pool.lease();
    unsigned char* const second = pool.lease();
    EXPECT_NE(first, second);
    EXPECT_EQ(pool.leased(), 2u);
    pool.give_back(first);
    pool.give_back(second);
    EXPECT_EQ(pool.leased(), 0u);
    EXPECT_EQ(pool.lease(), second);
    EXPECT_EQ(pool.lease(), first);
    pool.give_back(first);
    pool.give_back(second);
}

TEST(block_pool, counts_blocks_beyond_those_it_keeps) {
    block_pool pool;
    std::vector<unsigned char*> blocks;
    for (std::size_t i = 0; i != block_pool::max_idle + 5; ++i)
        blocks.push_back(pool.lease());
    EXPECT_EQ(pool.leased(), block_pool::max_idle + 5);
    for (unsigned char* const block : blocks)
        pool.give_back(block);
    EXPECT_EQ(pool.leased(), 0u);
}

TEST(block_pool, gives_blocks_that_can_be_written_to_their_end) {
    block_pool pool;
    unsigned char* const block = pool.lease();
    block[0] = 1;
    block[block_pool::block_size - 1] = 2;
    EXPECT_EQ(block[0] + block[block_pool::block_size - 1], 3);
    pool.give_back(block);
}

} // namespace fairlead::test
