#include <fairlead/framing/varint_prefixed.hpp>

#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(varint_prefixed, yields_the_same_messages_however_the_bytes_arrive) {
    const std::string long_one(300, 'x');
    testkit::verify_framing(varint_prefixed{})
        .bytes("\5hello"sv)
        .gives({"hello"})
        .bytes("\0"sv)
        .gives({""})
        .bytes("\xAC\2" + long_one + "\1y")
        .gives({long_one, "y"})
        .bytes("\3ab"sv)
        .ends_with(errc::truncated)
        .bytes("\3"sv)
        .ends_with(errc::truncated)
        .bytes("\xAC"sv)
        .ends_with(errc::truncated)
        .check();
}

TEST(varint_prefixed, writes_as_few_length_bytes_as_possible) {
    const varint_prefixed framing;
    EXPECT_EQ(encoded(framing, ""), "\0"s);
    EXPECT_EQ(encoded(framing, std::string(127, 'x')).substr(0, 2), "\x7Fx");
    EXPECT_EQ(encoded(framing, std::string(128, 'x')).substr(0, 3), "\x80\1x");
    EXPECT_EQ(encoded(framing, std::string(16'383, 'x')).substr(0, 3), "\xFF\x7Fx");
    EXPECT_EQ(encoded(framing, std::string(16'384, 'x')).substr(0, 4), "\x80\x80\1x");
}

TEST(varint_prefixed, refuses_what_exceeds_the_limit_from_the_length_alone) {
    const varint_prefixed framing{{.max_message = 200}};
    testkit::verify_framing(framing)
        .bytes("\xC7\1"sv)
        .ends_with(errc::truncated) // 199
        .bytes("\xC8\1"sv)
        .ends_with(errc::truncated) // 200
        .bytes("\xC9\1"sv)
        .fails_with(errc::message_too_large)
        .check();
    EXPECT_EQ(encode_error(framing, std::string(200, 'x')), error_code{});
    EXPECT_EQ(encode_error(framing, std::string(201, 'x')), errc::message_too_large);
}

TEST(varint_prefixed, refuses_lengths_of_more_than_64_bits) {
    testkit::verify_framing(varint_prefixed{})
        .bytes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"sv)
        .fails_with(errc::message_too_large) // 2^64 - 1
        .bytes("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\2"sv)
        .fails_with(errc::malformed) // 2^64 and more
        .bytes("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"sv)
        .fails_with(errc::malformed)
        .bytes("\x80\x80\x80\x80\x80\x80\x80\x80\x80"sv)
        .ends_with(errc::truncated)
        .check();
}

TEST(varint_prefixed, refuses_lengths_written_longer_than_needed) {
    testkit::verify_framing(varint_prefixed{})
        .bytes("\x80\0"sv)
        .fails_with(errc::malformed)
        .bytes("\1a\x85\x80\0hello"sv)
        .gives({"a"})
        .fails_with(errc::malformed)
        .check();
}

TEST(varint_prefixed, says_how_much_input_it_wants) {
    varint_prefixed framing;
    EXPECT_EQ(framing.decode("")->wanted, 1u);
    EXPECT_EQ(framing.decode("\x80"sv)->wanted, 2u);
    EXPECT_EQ(framing.decode("\5he"sv)->wanted, 6u);
}

TEST(varint_prefixed, delivers_a_million_empty_messages) {
    const std::string stream(1'000'000, '\0');
    varint_prefixed framing;
    for (bytes_view input = stream; !input.empty(); input = input.from(1)) {
        const result<decoded> step = framing.decode(input);
        ASSERT_TRUE(step && step->message && step->message->empty() && step->consumed == 1);
    }
}

TEST(varint_prefixed, refuses_a_limit_of_zero) {
    EXPECT_TRUE(contains(refusal([] { varint_prefixed{{.max_message = 0}}; }), "at least 1"));
    EXPECT_EQ(refusal([] { varint_prefixed{{.max_message = std::size_t{0} - 1}}; }), "");
}

} // namespace fairlead::test
