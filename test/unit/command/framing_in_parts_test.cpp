#include "framing_in_parts.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/websocket.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

constexpr std::size_t large = std::size_t{20} << 30;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

bool takes(framing rules, std::uint64_t size) {
    byte_buffer output;
    return rules.begin_message(size, output).has_value();
}

} // namespace

TEST(framing_in_parts, holds_little_in_memory_whatever_passes_in_parts) {
    for (const char* const text : {"length:8", "varint"}) {
        const framing rules = framing_in_parts(text, large);
        EXPECT_EQ(rules.max_message(), mebibyte) << text;
        EXPECT_TRUE(takes(rules, large)) << text;
        EXPECT_FALSE(takes(rules, large + 1)) << text;
    }
    EXPECT_EQ(framing_in_parts("raw", large).max_message(), mebibyte);
}

TEST(framing_in_parts, is_of_websocket_too) {
    const framing rules = framing_in_parts("websocket:text", large);
    EXPECT_EQ(rules.max_message(), mebibyte);
    EXPECT_EQ(rules.target<websocket>()->max_in_parts(), large);
}

TEST(framing_in_parts, limits_both_when_the_limit_is_small) {
    const framing rules = framing_in_parts("length", 100, any_size);
    EXPECT_EQ(rules.max_message(), 100u);
    EXPECT_FALSE(takes(rules, 101));
}

TEST(framing_in_parts, has_the_limit_of_the_handler_unless_one_is_given) {
    EXPECT_TRUE(takes(framing_in_parts("length:8", {}, any_size), large));
    EXPECT_FALSE(takes(framing_in_parts("length:8", {}), mebibyte + 1));
}

TEST(framing_in_parts, keeps_the_limit_of_framings_that_do_not_divide_messages) {
    EXPECT_EQ(framing_in_parts("line", large).max_message(), large);
    EXPECT_EQ(framing_in_parts("line", {}, any_size).max_message(), 16u * 1024);
}

TEST(framing_in_parts, refuses_a_limit_that_the_length_cannot_say) {
    EXPECT_THROW(framing_in_parts("length", large), std::invalid_argument);
}

} // namespace fairlead::command
