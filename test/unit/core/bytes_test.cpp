#include <fairlead/bytes.hpp>

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <vector>

namespace fairlead::test {

using namespace std::string_view_literals;

static_assert(std::ranges::contiguous_range<bytes_view> && std::ranges::view<bytes_view>);
static_assert(!std::convertible_to<std::vector<int>, bytes_view>);
static_assert(!std::convertible_to<std::vector<bool>, bytes_view>);

TEST(bytes_view, is_made_from_anything_that_holds_bytes) {
    const auto size_of = [](bytes_view bytes) { return bytes.size(); };
    EXPECT_EQ(size_of("abc"), 3u);
    EXPECT_EQ(size_of(std::string{"abc"}), 3u);
    EXPECT_EQ(size_of(u8"abc"sv), 3u);
    EXPECT_EQ(size_of(std::vector<std::byte>(3)), 3u);
    EXPECT_EQ(size_of(std::vector<unsigned char>(3)), 3u);
    EXPECT_EQ(size_of(std::array<char, 3>{}), 3u);
    EXPECT_EQ(size_of(std::span<const unsigned char>{}), 0u);
    EXPECT_EQ(size_of({}), 0u);
}

TEST(bytes_view, takes_a_literal_up_to_its_first_nul_and_a_string_view_whole) {
    EXPECT_EQ(bytes_view{"a\0b"}.size(), 1u);
    EXPECT_EQ(bytes_view{"a\0b"sv}.size(), 3u);
}

TEST(bytes_view, reads_bytes_as_unsigned) {
    const bytes_view bytes = "\xFF\x80";
    EXPECT_EQ(bytes[0], 0xFF);
    EXPECT_EQ(*(bytes.begin() + 1), 0x80);
}

TEST(bytes_view, gives_parts_that_never_leave_it) {
    const bytes_view bytes = "hello";
    EXPECT_EQ(bytes.first(2), "he");
    EXPECT_EQ(bytes.first(9), "hello");
    EXPECT_EQ(bytes.last(2), "lo");
    EXPECT_EQ(bytes.last(9), "hello");
    EXPECT_TRUE(bytes.last(0).empty());
    EXPECT_EQ(bytes.from(3), "lo");
    EXPECT_TRUE(bytes.from(5).empty());
    EXPECT_TRUE(bytes.from(9).empty());
    EXPECT_TRUE(bytes_view{}.first(1).empty());
}

TEST(bytes_view, compares_by_content) {
    EXPECT_EQ(bytes_view{"abc"}, std::string{"abc"});
    EXPECT_NE(bytes_view{"abc"}, bytes_view{"abd"});
    EXPECT_NE(bytes_view{"abc"}, bytes_view{"ab"});
    EXPECT_EQ(bytes_view{}, "");
    EXPECT_EQ(to_string(bytes_view{"a\0b"sv}), "a\0b"sv);
}

TEST(escape, makes_one_printable_line) {
    EXPECT_EQ(escape("plain ~"), "plain ~");
    EXPECT_EQ(escape("\r\n\t\\"), R"(\r\n\t\\)");
    EXPECT_EQ(escape("\0\x1F\x7F\x80\xFF"sv), R"(\x00\x1F\x7F\x80\xFF)");
    EXPECT_EQ(escape(""), "");
}

TEST(escape, tells_how_much_it_left_out) {
    EXPECT_EQ(escape("abcdef", 4), "abcd... (2 more)");
    EXPECT_EQ(escape("abcd", 4), "abcd");
    EXPECT_EQ(escape(std::string(300, 'x')), std::string(256, 'x') + "... (44 more)");
}

} // namespace fairlead::test
