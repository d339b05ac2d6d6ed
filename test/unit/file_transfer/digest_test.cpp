#include "file_transfer/digest.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace fairlead::file_transfer::test {

namespace {

std::string counting(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i != size; ++i)
        bytes[i] = static_cast<char>(i % 251);
    return bytes;
}

} // namespace

TEST(digest, is_what_xxhsum_prints) {
    struct row {
        std::string bytes;
        const char* h128;
        std::uint64_t h64;
    };
    const row rows[] = {
        {"", "99aa06d3014798d86001c324468d497f", 0x2d06800538d394c2},
        {"a", "a96faf705af16834e6c632b61e964e1f", 0xe6c632b61e964e1f},
        {"fairlead", "1a8af65985d66041b374b785b2dfabb9", 0x47c7f2a7e2e0fe16},
        {counting(1000), "18bf41bc8229e27733ef703fb2b20ed1", 0x33ef703fb2b20ed1},
        {counting(100000), "54182c58bbb1337c42c23aeead96750d", 0x42c23aeead96750d},
    };
    for (const row& each : rows) {
        EXPECT_EQ(digest_of(each.bytes).to_string(), each.h128);
        EXPECT_EQ(check_of(each.bytes), each.h64);
    }
}

TEST(digest, is_read_as_it_was_written) {
    for (const char* text :
         {"00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "0123456789abcdeffedcba9876543210"}) {
        const auto value = digest::parse(text);
        ASSERT_TRUE(value);
        EXPECT_EQ(value->to_string(), text);
    }
    const digest expected{0x0123456789abcdef, 0xfedcba9876543210};
    EXPECT_EQ(digest::parse("0123456789abcdeffedcba9876543210"), expected);
}

TEST(digest, is_not_read_from_anything_else) {
    const std::string right(32, 'a');
    for (const std::string& text :
         {std::string{}, right.substr(1), right + 'a', " " + right.substr(1), right.substr(1) + "g",
          right.substr(1) + "A", "0x" + right.substr(2), right.substr(1) + '\0', "-" + right.substr(1)})
        EXPECT_FALSE(digest::parse(text)) << text;
}

TEST(hasher, gives_the_same_however_the_bytes_come) {
    for (const std::size_t size : {0u, 1u, 16u, 17u, 128u, 129u, 240u, 241u, 255u, 256u, 257u, 1024u, 5000u}) {
        const std::string bytes = counting(size);
        for (const std::size_t piece : {1u, 3u, 64u, 255u, 256u, 1000u}) {
            hasher pieces;
            for (bytes_view rest = bytes; !rest.empty(); rest = rest.from(piece))
                pieces.update(rest.first(piece));
            EXPECT_EQ(pieces.value(), digest_of(bytes)) << size << " in pieces of " << piece;
        }
    }
}

TEST(hasher, goes_on_after_its_value_was_asked_for) {
    hasher whole;
    whole.update("one");
    EXPECT_EQ(whole.value(), digest_of("one"));
    whole.update(bytes_view{});
    whole.update("two");
    EXPECT_EQ(whole.value(), digest_of("onetwo"));
}

TEST(hasher, is_copied_where_it_is) {
    const std::string bytes = counting(3000);
    hasher original;
    original.update(bytes_view{bytes}.first(700));
    hasher copy = original;
    hasher assigned;
    assigned = copy;
    original.update("other");
    copy.update(bytes_view{bytes}.from(700));
    EXPECT_EQ(copy.value(), digest_of(bytes));
    EXPECT_EQ(assigned.value(), digest_of(bytes_view{bytes}.first(700)));
    const hasher moved = std::move(copy);
    EXPECT_EQ(moved.value(), digest_of(bytes));
}

} // namespace fairlead::file_transfer::test
