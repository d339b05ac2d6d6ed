#include <fairlead/framing/length_prefixed.hpp>

#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(length_prefixed, yields_the_same_messages_however_the_bytes_arrive) {
    testkit::verify_framing(length_prefixed{})
        .bytes("\0\0\0\5hello"sv)
        .gives({"hello"})
        .bytes("\0\0\0\0"sv)
        .gives({""})
        .bytes("\0\0\0\1a\0\0\0\2bc"sv)
        .gives({"a", "bc"})
        .bytes(""sv)
        .gives({})
        .check();
}

TEST(length_prefixed, reads_every_width_in_both_byte_orders) {
    for (int width = 1; width <= 8; ++width) {
        const std::string zeros(static_cast<std::size_t>(width) - 1, '\0');
        SCOPED_TRACE(width);
        testkit::verify_framing(length_prefixed{{.width = width}})
            .bytes(zeros + "\3abc")
            .gives({"abc"})
            .bytes(zeros + "\1d" + zeros + '\0')
            .gives({"d", ""})
            .bytes(zeros + "\3ab")
            .ends_with(errc::truncated)
            .check();
        testkit::verify_framing(length_prefixed{{.width = width, .byte_order = std::endian::little}})
            .bytes("\3" + zeros + "abc")
            .gives({"abc"})
            .bytes("\1" + zeros + "d" + '\0' + zeros)
            .gives({"d", ""})
            .bytes("\3" + zeros)
            .ends_with(errc::truncated)
            .check();
    }
}

TEST(length_prefixed, counts_its_header_when_told_to) {
    testkit::verify_framing(length_prefixed{{.width = 2, .length_includes_header = true}})
        .bytes("\0\7hello\0\2"sv)
        .gives({"hello", ""})
        .bytes("\0\1"sv)
        .fails_with(errc::malformed)
        .bytes("\0\0"sv)
        .fails_with(errc::malformed)
        .check();
    testkit::verify_framing(length_prefixed{{.width = 2, .offset = 3, .length_includes_header = true}})
        .bytes("\0\0\0\0\6a"sv)
        .gives({"a"})
        .bytes("\0\0\0\0\4"sv)
        .fails_with(errc::malformed)
        .check();
}

TEST(length_prefixed, adjusts_what_the_length_counts) {
    testkit::verify_framing(length_prefixed{{.width = 2, .offset = 1, .adjustment = 3}})
        .bytes("\x2A\0\2crchi"sv)
        .gives({"crchi"})
        .bytes("\x2A\0\0crc"sv)
        .gives({"crc"})
        .bytes("\x2A\0\0cr"sv)
        .ends_with(errc::truncated)
        .check();
    testkit::verify_framing(length_prefixed{{.width = 1, .adjustment = -2}})
        .bytes("\4hi\2"sv)
        .gives({"hi", ""})
        .bytes("\1"sv)
        .fails_with(errc::malformed)
        .check();
    EXPECT_EQ(encode_error(length_prefixed{{.adjustment = 3}}, "ab"), errc::malformed);
}

TEST(length_prefixed, writes_zeros_for_the_header_bytes_it_strips) {
    const length_prefixed framing{{.width = 1, .offset = 2}};
    EXPECT_EQ(encoded(framing, "hi"), "\0\0\2hi"s);
    testkit::verify_framing(framing).bytes("ab\2hi\xFF\xFF\0"sv).gives({"hi", ""}).check();
}

TEST(length_prefixed, keeps_the_header_as_part_of_the_message) {
    const length_prefixed framing{{.width = 2, .offset = 1, .keep_header = true}};
    testkit::verify_framing(framing)
        .bytes("K\0\2hiL\0\0"sv)
        .gives({"K\0\2hi"sv, "L\0\0"sv})
        .bytes("K\0\2h"sv)
        .ends_with(errc::truncated)
        .check();
    EXPECT_EQ(encoded(framing, "K\0\2hi"sv), "K\0\2hi"s);
    EXPECT_EQ(encode_error(framing, "K\0\3hi"sv), errc::malformed) << "the header says another size";
    EXPECT_EQ(encode_error(framing, "K\0"sv), errc::malformed) << "there is no whole header";
}

TEST(length_prefixed, refuses_what_exceeds_the_limit_from_the_header_alone) {
    const length_prefixed framing{{.width = 2, .max_message = 3}};
    testkit::verify_framing(framing)
        .bytes("\0\2ab\0\3abc"sv)
        .gives({"ab", "abc"})
        .bytes("\0\4"sv)
        .fails_with(errc::message_too_large)
        .bytes("\0\1a\0\4abcd"sv)
        .gives({"a"})
        .fails_with(errc::message_too_large)
        .check();
    EXPECT_EQ(encoded(framing, "abc"), "\0\3abc"s);
    EXPECT_EQ(encode_error(framing, "abcd"), errc::message_too_large);
}

TEST(length_prefixed, counts_a_kept_header_in_the_limit) {
    const length_prefixed framing{{.width = 1, .keep_header = true, .max_message = 3}};
    testkit::verify_framing(framing)
        .bytes("\2ab"sv)
        .gives({"\2ab"})
        .bytes("\3"sv)
        .fails_with(errc::message_too_large)
        .check();
}

TEST(length_prefixed, discards_what_exceeds_the_limit_and_goes_on) {
    testkit::verify_framing(length_prefixed{{.width = 1, .max_message = 3, .oversize = oversize_policy::discard}})
        .bytes("\1a\4abcd\2bc"sv)
        .gives({"a", "bc"})
        .bytes("\4abcd\5abcde"sv)
        .gives({})
        .bytes("\4abc"sv)
        .ends_with(errc::truncated)
        .bytes("\1a\5"sv)
        .gives({"a"})
        .ends_with(errc::truncated)
        .check();
    testkit::verify_framing(
        length_prefixed{
            {.width = 1, .offset = 1, .keep_header = true, .max_message = 4, .oversize = oversize_policy::discard}})
        .bytes("-\2ab-\3abc-\0"sv)
        .gives({"-\2ab", "-\0"sv})
        .check();
}

TEST(length_prefixed, never_holds_what_it_discards) {
    length_prefixed framing{{.max_message = 3, .oversize = oversize_policy::discard}};
    EXPECT_EQ(framing.decode("\xFF\xFF\xFF\xFF and more"sv)->consumed, 13u);
    EXPECT_EQ(framing.decode("more")->consumed, 4u);
    EXPECT_EQ(framing.finish("").error(), errc::truncated);
}

TEST(length_prefixed, tells_a_clean_end_from_a_cut_message) {
    testkit::verify_framing(length_prefixed{})
        .bytes("\0\0\0\2hi"sv)
        .gives({"hi"})
        .bytes("\0\0\0\2"sv)
        .ends_with(errc::truncated)
        .bytes("\0\0\0\2h"sv)
        .ends_with(errc::truncated)
        .bytes("\0\0\0"sv)
        .ends_with(errc::truncated)
        .check();
}

TEST(length_prefixed, says_how_much_input_it_wants) {
    length_prefixed framing{{.width = 2}};
    EXPECT_EQ(framing.decode("")->wanted, 2u);
    EXPECT_EQ(framing.decode("\0"sv)->wanted, 2u);
    EXPECT_EQ(framing.decode("\0\5he"sv)->wanted, 7u);
}

TEST(length_prefixed, delivers_a_million_empty_messages) {
    constexpr std::size_t count = 1'000'000;
    const std::string stream(count * 4, '\0');
    length_prefixed framing;
    bytes_view input = stream;
    std::size_t messages = 0;
    while (!input.empty()) {
        const result<decoded> step = framing.decode(input);
        ASSERT_TRUE(step && step->message && step->message->empty());
        input = input.from(step->consumed);
        ++messages;
    }
    EXPECT_EQ(messages, count);
}

TEST(length_prefixed, limits_messages_to_a_mebibyte_or_to_what_the_width_can_say) {
    EXPECT_EQ(encode_error(length_prefixed{}, std::string(1 << 20, 'x')), error_code{});
    EXPECT_EQ(encode_error(length_prefixed{}, std::string((1 << 20) + 1, 'x')), errc::message_too_large);
    EXPECT_EQ(encode_error(length_prefixed{{.width = 2}}, std::string(65'535, 'x')), error_code{});
    EXPECT_EQ(encode_error(length_prefixed{{.width = 2}}, std::string(65'536, 'x')), errc::message_too_large);
    EXPECT_EQ(encode_error(length_prefixed{{.width = 1, .length_includes_header = true}}, std::string(254, 'x')),
              error_code{});
    EXPECT_EQ(encode_error(length_prefixed{{.width = 1, .length_includes_header = true}}, std::string(255, 'x')),
              errc::message_too_large);
    EXPECT_EQ(encode_error(length_prefixed{{.width = 1, .adjustment = 2}}, std::string(257, 'x')), error_code{});
}

TEST(length_prefixed, refuses_options_that_contradict_each_other) {
    const auto refused = [](length_prefixed_options options) { return refusal([&] { length_prefixed{options}; }); };
    EXPECT_TRUE(contains(refused({.width = 0}), "1 to 8 bytes wide, not 0"));
    EXPECT_TRUE(contains(refused({.width = 9}), "1 to 8 bytes wide, not 9"));
    EXPECT_TRUE(contains(refused({.offset = 65'536}), "within the first 65535 bytes"));
    EXPECT_TRUE(contains(refused({.width = 1, .max_message = 256}), "lower it to 255 or widen"));
    EXPECT_TRUE(contains(refused({.width = 1, .length_includes_header = true, .max_message = 255}), "lower it to 254"));
    EXPECT_TRUE(contains(refused({.max_message = 0}), "at least 1"));
    EXPECT_TRUE(contains(refused({.adjustment = 10, .max_message = 9}), "at least 10"));
    EXPECT_TRUE(contains(refused({.keep_header = true, .max_message = 3}), "at least 4"));
    EXPECT_TRUE(contains(refused({.width = 1, .adjustment = -256}), "raise adjustment"));
    EXPECT_EQ(refused({.width = 8, .max_message = std::size_t{0} - 1}), "");
}

TEST(length_prefixed, explains_a_length_in_the_other_byte_order) {
    const length_prefixed framing;
    const std::string text = framing.explain(errc::message_too_large, "\5\0\0\0hello"sv);
    EXPECT_TRUE(contains(text, "the length says 83886080, a message has up to 1048576 bytes;")) << text;
    const length_prefixed in_parts{{.max_in_parts = 2'000'000}};
    EXPECT_TRUE(contains(in_parts.explain(errc::message_too_large, "\5\0\0\0"sv),
                         "a message has up to 1048576 bytes, in parts up to 2000000;"));
    EXPECT_TRUE(contains(text, "read little-endian it would be 5: check the byte order")) << text;
    EXPECT_TRUE(contains(text, "first bytes: 05 00 00 00 68")) << text;

    const length_prefixed little{{.width = 2, .byte_order = std::endian::little}};
    EXPECT_TRUE(contains(little.explain(errc::truncated, "\0\2hi"sv), "read big-endian it would be 2"));
    EXPECT_FALSE(contains(little.explain(errc::truncated, "\3\0hi"sv), "byte order"));
}

TEST(length_prefixed, explains_another_protocol_without_guessing_at_byte_orders) {
    const std::string text = length_prefixed{}.explain(errc::message_too_large, "GET / HTTP/1.1\r\n");
    EXPECT_TRUE(contains(text, "the length says 1195725856")) << text;
    EXPECT_TRUE(contains(text, "HTTP request")) << text;
    EXPECT_FALSE(contains(text, "byte order")) << text;
    EXPECT_TRUE(contains(length_prefixed{}.explain(errc::truncated, "\0"sv), "first bytes: 00"));
}

} // namespace fairlead::test
