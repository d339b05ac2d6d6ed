#include "datagram/segments.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fairlead::test {

namespace {

std::vector<std::string> split(const std::string& bundle, std::size_t segment_size) {
    std::vector<std::string> datagrams;
    split_gso_batch(bundle, segment_size, [&](bytes_view each) { datagrams.push_back(to_string(each)); });
    return datagrams;
}

} // namespace

TEST(split_gso_batch, gives_datagrams_of_one_size_and_a_smaller_last_one) {
    EXPECT_EQ(split("aabbc", 2), (std::vector<std::string>{"aa", "bb", "c"}));
    EXPECT_EQ(split("aabb", 2), (std::vector<std::string>{"aa", "bb"}));
    EXPECT_EQ(split("a", 2), (std::vector<std::string>{"a"}));
}

TEST(split_gso_batch, leaves_what_is_no_bundle_whole) {
    EXPECT_EQ(split("aabbc", 0), (std::vector<std::string>{"aabbc"}));
    EXPECT_EQ(split("", 0), (std::vector<std::string>{""}));
}

} // namespace fairlead::test
