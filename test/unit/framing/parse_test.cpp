#include <fairlead/framing/parse.hpp>

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/text_forms.hpp>

#include "support/framing_support.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

namespace fairlead::test {

namespace {

std::string parse_refusal(std::string_view text, std::optional<std::size_t> max_message = {}) {
    return refusal([&] { parse_framing(text, max_message); });
}

} // namespace

TEST(parse_framing, reads_every_text_form) {
    EXPECT_EQ(encoded(parse_framing("length"), "ab"), "\0\0\0\2ab"s);
    EXPECT_EQ(encoded(parse_framing("length:2"), "ab"), "\0\2ab"s);
    EXPECT_EQ(encoded(parse_framing("length:2:be"), "ab"), "\0\2ab"s);
    EXPECT_EQ(encoded(parse_framing("length:4:le"), "ab"), "\2\0\0\0ab"s);
    EXPECT_EQ(encoded(parse_framing("varint"), "ab"), "\2ab");
    EXPECT_EQ(encoded(parse_framing("line"), "ab"), "ab\n");
    EXPECT_EQ(encoded(parse_framing(R"(delimiter:\r\n)"), "ab"), "ab\r\n");
    EXPECT_EQ(encoded(parse_framing("delimiter:::"), "ab"), "ab::");
    EXPECT_EQ(encoded(parse_framing("fixed:2"), "ab"), "ab");
    EXPECT_EQ(encoded(parse_framing("raw"), "ab"), "ab");
}

TEST(parse_framing, reads_escapes_in_delimiters) {
    EXPECT_EQ(encoded(parse_framing(R"(delimiter:\t\0\\\x41\xfF)"), ""), "\t\0\\A\xFF"s);
    for (const char* text : {R"(delimiter:\)", R"(delimiter:\q)", R"(delimiter:\N)"})
        EXPECT_TRUE(contains(parse_refusal(text), R"(a backslash is followed by r, n, t, 0, \ or xHH)")) << text;
    for (const char* text : {R"(delimiter:\x)", R"(delimiter:\x1)", R"(delimiter:\xg0)", R"(delimiter:\x 1)",
                             R"(delimiter:\x-1)", R"(delimiter:\x0x)"})
        EXPECT_TRUE(contains(parse_refusal(text), "two hexadecimal digits")) << text;
}

TEST(parse_framing, reads_back_the_text_of_a_framing) {
    for (const char* text :
         {"length", "length:1", "length:2", "length:8", "length:4:le", "length:3:le", "varint", "line",
          R"(delimiter:\r\n)", "delimiter:;", R"(delimiter:\x00\xFF\\ \t)", "fixed:16", "raw"})
        EXPECT_EQ(parse_framing(text).to_string(), text);
    EXPECT_EQ(parse_framing("length:4").to_string(), "length");
    EXPECT_EQ(parse_framing("length:2:be").to_string(), "length:2");
    EXPECT_EQ(parse_framing(R"(delimiter:\0)").to_string(), R"(delimiter:\x00)");
    const std::string boundary(1000, '-');
    EXPECT_EQ(parse_framing("delimiter:" + boundary).to_string(), "delimiter:" + boundary);
}

TEST(parse_framing, has_no_text_for_options_beyond_these_forms) {
    EXPECT_EQ(length_prefixed{{.offset = 1}}.to_string(), "custom");
    EXPECT_EQ(length_prefixed{{.length_includes_header = true}}.to_string(), "custom");
    EXPECT_EQ(length_prefixed{{.adjustment = 1}}.to_string(), "custom");
    EXPECT_EQ(length_prefixed{{.keep_header = true}}.to_string(), "custom");
    EXPECT_EQ(length_prefixed{{.oversize = oversize_policy::discard}}.to_string(), "custom");
    EXPECT_EQ((delimited{{.delimiters = {";", ","}}}.to_string()), "custom");
    EXPECT_EQ((delimited{{.delimiters = {";"}, .keep_delimiter = true}}.to_string()), "custom");
    EXPECT_EQ(line{{.accept_unterminated_last = true}}.to_string(), "custom");
    EXPECT_EQ((delimited{{.delimiters = {"\n", "\r\n"}}}.to_string()), "line") << "that is what it is";
    EXPECT_TRUE(contains(parse_refusal("custom"), "no such framing"));
}

TEST(parse_framing, replaces_the_limit) {
    for (const char* text : {"length", "varint", "line", "delimiter:;", "raw"}) {
        EXPECT_EQ(encode_error(parse_framing(text, 3), "abc"), error_code{}) << text;
        EXPECT_EQ(encode_error(parse_framing(text, 3), "abcd"), errc::message_too_large) << text;
        EXPECT_TRUE(contains(parse_refusal(text, 0), "at least 1")) << text;
    }
    EXPECT_EQ(encode_error(parse_framing("line", 20'000), std::string(20'000, 'x')), error_code{});
    EXPECT_EQ(parse_refusal("fixed:16", 16), "");
    EXPECT_TRUE(contains(parse_refusal("fixed:16", 15), "exceeds max_message 15"));
    EXPECT_TRUE(contains(parse_refusal("length:1", 256), "lower it to 255"));
}

TEST(parse_framing, sets_the_limit_of_messages_in_parts) {
    constexpr std::uint64_t most = 20ull << 30;
    for (const char* text : {"length:8", "length:5:le", "varint"}) {
        framing large = parse_framing(text, 3, most);
        byte_buffer output;
        EXPECT_EQ(large.max_message(), 3u) << text;
        EXPECT_TRUE(large.begin_message(most, output)) << text;
        EXPECT_EQ(large.begin_message(most + 1, output).error(), errc::message_too_large) << text;
        EXPECT_TRUE(contains(refusal([&] { parse_framing(text, 3, 2); }), "max_in_parts 2")) << text;
    }
}

TEST(parse_framing, takes_a_limit_above_what_the_length_can_say_as_none) {
    constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
    byte_buffer output;
    framing one_byte = parse_framing("length:1", {}, any);
    EXPECT_TRUE(one_byte.begin_message(255, output));
    EXPECT_EQ(one_byte.begin_message(256, output).error(), errc::message_too_large);
    for (const char* text : {"length:8", "varint"})
        EXPECT_TRUE(parse_framing(text, {}, any).begin_message(1ull << 60, output)) << text;
    for (const char* text : {"line", "delimiter:;", "fixed:4", "raw", "websocket"})
        EXPECT_EQ(parse_framing(text, 4, any).max_message(), 4u) << text;
    EXPECT_TRUE(contains(refusal([&] { parse_framing("length:9", {}, any); }), "1 to 8 bytes wide"));
    EXPECT_TRUE(contains(refusal([&] { parse_framing("length:0", {}, any); }), "1 to 8 bytes wide"));
}

TEST(parse_framing, names_what_is_wrong_and_what_would_be_right) {
    const struct {
        std::string_view text;
        std::string_view advice;
    } table[] = {
        {"lenght", "framing 'lenght': there is no such framing (did you mean 'length'?); use length"},
        {"Line", "did you mean 'line'"},
        {"lines", "did you mean 'line'"},
        {"delimeter:x", "did you mean 'delimiter'"},
        {"http", "framing 'http': there is no such framing; use length[:WIDTH[:be|le]], varint, line"},
        {"", "framing '': there is no such framing"},
        {"a\n", R"(framing 'a\n')"},
        {"length:", "the width is a number, not ''"},
        {"length:x", "the width is a number, not 'x'"},
        {"length:2x", "the width is a number, not '2x'"},
        {"length: 2", "the width is a number, not ' 2'"},
        {"length:99999999999", "the width is a number"},
        {"length:9", "1 to 8 bytes wide, not 9"},
        {"length:-1", "1 to 8 bytes wide, not -1"},
        {"length:2:xe", "the byte order is be or le, not 'xe'"},
        {"length:2:le:", "the byte order is be or le, not 'le:'"},
        {"varint:1", "'varint' has nothing behind it"},
        {"line:", "'line' has nothing behind it"},
        {"raw:1", "'raw' has nothing behind it"},
        {"delimiter", "the delimiter is missing"},
        {"delimiter:", "a delimiter has at least one byte"},
        {"fixed", "the size is missing"},
        {"fixed:", "the size is a number, not ''"},
        {"fixed:-1", "the size is a number, not '-1'"},
        {"fixed:0", "at least 1 byte"},
        {"websocket:", "the messages are text or binary, not ''"},
        {"websocket:txt", "the messages are text or binary, not 'txt'"},
        {"websocket:text:gzip", "compression is deflate, not 'gzip'"},
        {"websocket:deflate:text", "the messages are text or binary, not 'deflate'"},
    };
    for (const auto& [text, advice] : table) {
        EXPECT_TRUE(contains(parse_refusal(text), advice)) << parse_refusal(text);
        EXPECT_TRUE(contains(parse_refusal(text), "delimiter:TEXT, fixed:SIZE, raw or websocket[:text]"))
            << parse_refusal(text);
    }
}

TEST(framing_forms, have_examples_that_are_read_as_the_framing_of_that_name) {
    for (const framing_form& form : framing_forms()) {
        EXPECT_TRUE(form.syntax.starts_with(form.name)) << form.syntax;
        EXPECT_TRUE(parse_framing(form.example).to_string().starts_with(form.name)) << form.example;
        EXPECT_TRUE(contains(parse_refusal("nonsense"), form.syntax)) << form.syntax;
    }
}

TEST(framing, is_made_from_its_text_form) {
    const framing two_bytes = "length:2";
    EXPECT_EQ(two_bytes.to_string(), "length:2");
    EXPECT_THROW(framing{"lenght"}, std::invalid_argument);
}

} // namespace fairlead::test
