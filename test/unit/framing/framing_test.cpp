#include <fairlead/framing/framing.hpp>

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

// The least that a framing can be: messages of one byte.
struct single_bytes {
    result<decoded> decode(bytes_view input) {
        if (input.empty())
            return decoded{};
        return decoded{.consumed = 1, .message = input.first(1)};
    }
    result<decoded> finish(bytes_view) { return decoded{}; }
    result<void> encode(bytes_view message, byte_buffer& output) {
        output.append(message);
        return {};
    }
};

} // namespace

static_assert(framing_type<single_bytes>);
static_assert(framing_type<framing>);
static_assert(framing_type<delimited> && framing_type<line> && framing_type<fixed_size> &&
              framing_type<length_prefixed> && framing_type<raw> && framing_type<varint_prefixed>);
static_assert(!framing_type<int> && !framing_type<std::string>);

TEST(framing, holds_any_framing) {
    framing held = single_bytes{};
    EXPECT_EQ(held.decode("ab")->message->text(), "a");
    EXPECT_EQ(encoded(held, "ab"), "ab");
    held = line{};
    EXPECT_EQ(held.decode("ab\n")->message->text(), "ab");
    EXPECT_EQ(held.finish("ab").error(), errc::truncated);
}

TEST(framing, gives_copies_a_state_of_their_own) {
    framing original = length_prefixed{{.max_message = 1, .oversize = oversize_policy::discard}};
    EXPECT_EQ(original.decode("\0\0\0\3x"sv)->consumed, 5u);
    framing copy = original;
    EXPECT_EQ(copy.decode("xx\0\0\0\0"sv)->consumed, 2u);
    EXPECT_TRUE(copy.decode("\0\0\0\0"sv)->message);
    EXPECT_EQ(original.decode("x")->consumed, 1u) << "the original still discards";
}

TEST(framing, explains_errors_even_for_a_framing_that_does_not) {
    const std::string text = framing{single_bytes{}}.explain(errc::malformed, "SSH-2.0-x");
    EXPECT_TRUE(text.starts_with(make_error_code(errc::malformed).message())) << text;
    EXPECT_TRUE(text.ends_with("this looks like an SSH banner")) << text;
}

TEST(framing, lets_a_framing_explain_its_errors_itself) {
    EXPECT_TRUE(contains(framing{length_prefixed{}}.explain(errc::message_too_large, "\1\0\0\0"sv), "little-endian"));
}

TEST(framing, says_how_large_a_message_may_be) {
    EXPECT_EQ(framing{single_bytes{}}.max_message(), 0u) << "it does not say";
    EXPECT_EQ((framing{length_prefixed{{.width = 1}}}.max_message()), 255u);
    EXPECT_EQ((framing{length_prefixed{{.max_message = 7}}}.max_message()), 7u);
    EXPECT_EQ((framing{varint_prefixed{{.max_message = 7}}}.max_message()), 7u);
    EXPECT_EQ((framing{line{{.max_message = 7}}}.max_message()), 7u);
    EXPECT_EQ((framing{fixed_size{7}}.max_message()), 7u);
    EXPECT_EQ((framing{raw{{.max_message = 7}}}.max_message()), 7u);
}

TEST(framing, calls_custom_what_has_no_text_form) {
    EXPECT_EQ(framing{single_bytes{}}.to_string(), "custom");
    EXPECT_EQ(framing{raw{}}.to_string(), "raw");
}

} // namespace fairlead::test
