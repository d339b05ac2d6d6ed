#include <fairlead/byte_buffer.hpp>

#include "core/block_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace fairlead::test {

TEST(byte_buffer, is_a_queue_of_bytes) {
    byte_buffer buffer;
    buffer.append("hello ");
    buffer.append("world");
    buffer.push_back('!');
    EXPECT_EQ(buffer.data(), "hello world!");
    buffer.consume(6);
    EXPECT_EQ(buffer.data(), "world!");
    buffer.truncate(5);
    EXPECT_EQ(buffer.data(), "world");
    buffer.consume(5);
    EXPECT_TRUE(buffer.empty());
}

TEST(byte_buffer, holds_no_storage_before_the_first_byte) {
    byte_buffer buffer;
    buffer.append("");
    EXPECT_EQ(buffer.capacity(), 0u);
    EXPECT_TRUE(buffer.data().empty());
}

TEST(byte_buffer, counts_only_what_was_committed) {
    byte_buffer buffer;
    const std::span<unsigned char> room = buffer.prepare(10);
    ASSERT_GE(room.size(), 10u);
    std::memcpy(room.data(), "abc", 3);
    buffer.commit(3);
    EXPECT_EQ(buffer.data(), "abc");
}

TEST(byte_buffer, keeps_its_bytes_in_order_whatever_is_written_and_consumed) {
    byte_buffer buffer;
    std::string written;
    std::string read;
    for (std::size_t i = 0; i != 2000; ++i) {
        const std::string piece(i * 7 % 301, static_cast<char>('a' + i % 26));
        buffer.append(piece);
        written += piece;
        const bytes_view taken = buffer.data().first(i * 5 % 307);
        read += to_string(taken);
        buffer.consume(taken.size());
    }
    EXPECT_EQ(read + to_string(buffer.data()), written);
}

TEST(byte_buffer, reuses_its_storage_when_everything_was_consumed) {
    byte_buffer buffer;
    buffer.append(std::string(1000, 'x'));
    const std::size_t capacity = buffer.capacity();
    for (int i = 0; i != 100; ++i) {
        buffer.consume(1000);
        buffer.append(std::string(1000, 'x'));
    }
    EXPECT_EQ(buffer.capacity(), capacity);
}

TEST(byte_buffer, does_not_grow_under_a_queue_that_never_empties) {
    byte_buffer buffer;
    buffer.append(std::string(1000, 'x'));
    for (int i = 0; i != 10'000; ++i) {
        buffer.append(std::string(100, 'x'));
        buffer.consume(100);
    }
    EXPECT_LE(buffer.capacity(), 8192u);
}

TEST(byte_buffer, leaves_nothing_behind_when_moved) {
    byte_buffer from;
    from.append("bytes");
    byte_buffer to{std::move(from)};
    EXPECT_EQ(to.data(), "bytes");
    byte_buffer assigned;
    assigned.append("old");
    assigned = std::move(to);
    EXPECT_EQ(assigned.data(), "bytes");
    byte_buffer& itself = assigned;
    assigned = std::move(itself);
    EXPECT_EQ(assigned.data(), "bytes");
}

TEST(byte_buffer, leases_a_block_for_little_and_takes_the_heap_for_much) {
    block_pool pool;
    byte_buffer buffer{pool};
    buffer.append("a");
    EXPECT_EQ(buffer.capacity(), block_pool::block_size);
    buffer.append(std::string(block_pool::block_size, 'x'));
    EXPECT_EQ(pool.leased(), buffer.capacity());
    EXPECT_EQ(buffer.size(), block_pool::block_size + 1);
    EXPECT_EQ(buffer.data()[0], 'a');
    buffer.release();
    EXPECT_EQ(buffer.capacity(), 0u);
}

TEST(byte_buffer, gives_its_block_back) {
    block_pool pool;
    {
        byte_buffer buffer{pool};
        buffer.append("a");
        buffer.release();
        EXPECT_EQ(pool.leased(), 0u);
        buffer.append("b");
        byte_buffer moved{std::move(buffer)};
        EXPECT_EQ(pool.leased(), block_pool::block_size);
    }
    EXPECT_EQ(pool.leased(), 0u);
}

TEST(byte_buffer, parks_with_no_more_storage_than_it_needs) {
    block_pool pool;
    byte_buffer buffer{pool};
    buffer.append("header");
    buffer.park();
    EXPECT_LE(buffer.capacity(), 64u);
    EXPECT_EQ(pool.leased(), buffer.capacity());
    EXPECT_EQ(buffer.data(), "header");
    buffer.append(" and more");
    EXPECT_EQ(buffer.data(), "header and more");
    buffer.consume(buffer.size());
    buffer.park();
    EXPECT_EQ(buffer.capacity(), 0u);

    buffer.append(std::string(block_pool::block_size - 1, 'x'));
    buffer.park();
    EXPECT_EQ(buffer.capacity(), block_pool::block_size) << "nearly full: moving it would gain nothing";
}

} // namespace fairlead::test
