#include "file_transfer/stretch.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::file_transfer::test {

namespace {

using kind = stretch::kind;

// The stretches of all bytes, one behind the other.
std::vector<std::pair<kind, std::size_t>> stretches_of(std::uint64_t offset, bytes_view bytes) {
    std::vector<std::pair<kind, std::size_t>> found;
    while (!bytes.empty()) {
        const stretch next = first_stretch(offset, bytes);
        found.emplace_back(next.holds, next.size);
        offset += next.size;
        bytes = bytes.from(next.size);
    }
    return found;
}

std::string nulls(std::size_t count) {
    return std::string(count, '\0');
}

} // namespace

TEST(stretch, joins_blocks_that_hold_the_same) {
    const std::string bytes =
        nulls(4'096) + nulls(hole_block) + nulls(100) + "x" + nulls(hole_block - 101) + nulls(9'000);
    const std::vector<std::pair<kind, std::size_t>> wanted{
        {kind::zeros, 4'096 + hole_block}, {kind::data, hole_block}, {kind::zeros, 9'000}};
    EXPECT_EQ(stretches_of(hole_block - 4'096, bytes), wanted);
}

TEST(stretch, begins_a_block_where_the_file_does_and_not_where_the_bytes_do) {
    const std::string bytes = "x" + nulls(2 * hole_block - 1);
    const std::vector<std::pair<kind, std::size_t>> wanted{{kind::data, 10}, {kind::zeros, 2 * hole_block - 10}};
    EXPECT_EQ(stretches_of(3 * hole_block - 10, bytes), wanted);
}

TEST(stretch, is_data_whichever_byte_of_a_block_is_set) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{1}, std::size_t{7}, hole_block - 1}) {
        std::string bytes = nulls(hole_block);
        bytes[place] = '\x80';
        EXPECT_EQ(first_stretch(0, bytes).holds, kind::data) << place;
    }
    EXPECT_EQ(first_stretch(0, nulls(1)).holds, kind::zeros);
}

TEST(stretch, works_behind_the_largest_file) {
    EXPECT_EQ(first_stretch(~std::uint64_t{0} - 4, nulls(5)).size, 5u);
}

} // namespace fairlead::file_transfer::test
