#include <fairlead/framing/fixed_size.hpp>

#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(fixed_size, yields_the_same_messages_however_the_bytes_arrive) {
    testkit::verify_framing(fixed_size{3})
        .bytes("abcdef")
        .gives({"abc", "def"})
        .bytes("abc")
        .gives({"abc"})
        .bytes("\0\0\0"sv)
        .gives({"\0\0\0"sv})
        .check();
    testkit::verify_framing(fixed_size{1}).bytes("abc").gives({"a", "b", "c"}).check();
}

TEST(fixed_size, reports_the_remainder_at_the_end_of_the_stream) {
    testkit::verify_framing(fixed_size{3})
        .bytes("abcde")
        .gives({"abc"})
        .ends_with(errc::truncated)
        .bytes("a")
        .ends_with(errc::truncated)
        .check();
}

TEST(fixed_size, encodes_nothing_but_messages_of_its_size) {
    EXPECT_EQ(encoded(fixed_size{3}, "abc"), "abc");
    for (const char* message : {"", "ab", "abcd"})
        EXPECT_EQ(encode_error(fixed_size{3}, message), errc::malformed) << message;
}

TEST(fixed_size, says_how_much_input_it_wants) {
    EXPECT_EQ(fixed_size{16}.decode("abc")->wanted, 16u);
}

TEST(fixed_size, refuses_a_size_of_zero) {
    EXPECT_TRUE(contains(refusal([] { fixed_size{0}; }), "at least 1 byte"));
}

} // namespace fairlead::test
