#include <fairlead/framing/delimited.hpp>

#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"
#include "support/sealed_pages.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

delimited ended_by(std::vector<std::string> delimiters) {
    return delimited{{.delimiters = std::move(delimiters)}};
}

} // namespace

TEST(delimited, yields_the_same_messages_however_the_bytes_arrive) {
    testkit::verify_framing(ended_by({"\r\n"}))
        .bytes("one\r\ntwo\r\n")
        .gives({"one", "two"})
        .bytes("\r\n\r\n")
        .gives({"", ""})
        .bytes("a\rb\nc\r\n")
        .gives({"a\rb\nc"})
        .bytes("a\r\r\n")
        .gives({"a\r"})
        .bytes("one\r\ntw")
        .gives({"one"})
        .ends_with(errc::truncated)
        .bytes("one\r")
        .ends_with(errc::truncated)
        .check();
}

TEST(delimited, finds_delimiters_that_overlap_themselves) {
    testkit::verify_framing(ended_by({"aab"}))
        .bytes("aaab")
        .gives({"a"})
        .bytes("aaaaabxaab")
        .gives({"aaa", "x"})
        .check();
    testkit::verify_framing(ended_by({"abab"})).bytes("ababab").gives({""}).ends_with(errc::truncated).check();
    testkit::verify_framing(ended_by({"aa"})).bytes("aaaaxaa").gives({"", "", "x"}).check();
    testkit::verify_framing(ended_by({"abacabad"})).bytes("abacabacabad").gives({"abac"}).check();
}

TEST(delimited, finds_delimiters_of_any_bytes) {
    testkit::verify_framing(ended_by({"\0"s})).bytes("a\0\0"sv).gives({"a", ""}).check();
    testkit::verify_framing(ended_by({"\xFF\0\xFF"s})).bytes("\xFF\xFF\0\xFF"sv).gives({"\xFF"}).check();
    const std::string boundary(300, '-');
    testkit::verify_framing(ended_by({boundary})).bytes("x" + boundary).gives({"x"}).check();
}

TEST(delimited, ends_a_message_where_the_first_delimiter_is_complete) {
    testkit::verify_framing(ended_by({";", "\r\n"})).bytes("a;b\r\nc\r;").gives({"a", "b"}).gives({"c\r"}).check();
    testkit::verify_framing(ended_by({"abc", "bd"})).bytes("xabd").gives({"xa"}).bytes("yabc").gives({"y"}).check();
    testkit::verify_framing(ended_by({"abcd", "bce"})).bytes("abce").gives({"a"}).check();
}

TEST(delimited, takes_the_longest_of_the_delimiters_that_end_together) {
    testkit::verify_framing(ended_by({"\n", "\r\n"}))
        .bytes("a\nb\r\n\n\r\n")
        .gives({"a", "b", "", ""})
        .bytes("a\rb\n")
        .gives({"a\rb"})
        .check();
    testkit::verify_framing(ended_by({"END", "\nEND", "\r\nEND"}))
        .bytes("1END2\nEND3\r\nEND")
        .gives({"1", "2", "3"})
        .check();
}

TEST(delimited, keeps_the_delimiter_as_part_of_the_message) {
    const delimited framing{{.delimiters = {"\n", "\r\n"}, .keep_delimiter = true, .max_message = 4}};
    testkit::verify_framing(framing)
        .bytes("a\nb\r\n\n")
        .gives({"a\n", "b\r\n", "\n"})
        .bytes("ab\r\n")
        .gives({"ab\r\n"})
        .bytes("abcd\n")
        .fails_with(errc::message_too_large)
        .check();
    EXPECT_EQ(encoded(framing, "a\r\n"), "a\r\n");
    EXPECT_EQ(encode_error(framing, "a"), errc::malformed) << "no delimiter at the end";
    EXPECT_EQ(encode_error(framing, "a\nb\n"), errc::malformed) << "more than one message";
    EXPECT_EQ(encode_error(framing, ""), errc::malformed);
}

TEST(delimited, accepts_a_message_of_exactly_the_limit) {
    testkit::verify_framing(delimited{{.delimiters = {"\r\n"}, .max_message = 3}})
        .bytes("ab\r\nabc\r\n")
        .gives({"ab", "abc"})
        .bytes("abcd\r\n")
        .fails_with(errc::message_too_large)
        .bytes("a\r\nabcd")
        .gives({"a"})
        .ends_with(errc::truncated)
        .bytes("abcde")
        .fails_with(errc::message_too_large)
        .bytes("abc\r")
        .ends_with(errc::truncated)
        .bytes("abc\rd")
        .fails_with(errc::message_too_large)
        .check();
    testkit::verify_framing(delimited{{.delimiters = {"\n", "\r\n"}, .max_message = 3}})
        .bytes("abc\nabc\r\n")
        .gives({"abc", "abc"})
        .bytes("abcd\n")
        .fails_with(errc::message_too_large)
        .bytes("abc\rd")
        .fails_with(errc::message_too_large)
        .check();
}

TEST(delimited, gives_up_when_the_delimiter_never_arrives) {
    delimited framing{{.delimiters = {"\n"}, .max_message = 1000}};
    const std::string stream(5000, 'x');
    std::size_t arrived = 0;
    while (framing.decode(bytes_view{stream}.first(arrived)))
        arrived += 100;
    EXPECT_EQ(arrived, 1100u);
    EXPECT_EQ(decode_error(framing, stream), errc::message_too_large) << "and it stays that way";
}

TEST(delimited, searches_no_byte_twice) {
    for (const std::string delimiter : {"\n", "\r\n", "xxxxxxxxy"}) {
        delimited framing = ended_by({delimiter});
        sealed_pages stream{64, 'x'};
        stream.write_at_end(delimiter);
        for (std::size_t arrived = 1; arrived != 64; ++arrived) {
            ASSERT_FALSE(framing.decode(stream.pages(arrived))->message);
            stream.seal(arrived); // whoever reads these pages from now on dies of a segmentation fault
        }
        const result<decoded> step = framing.decode(stream.pages(64));
        ASSERT_TRUE(step && step->message);
        EXPECT_EQ(step->message->size(), stream.pages(64).size() - delimiter.size());
    }
}

TEST(delimited, searches_one_message_at_a_time) {
    // A second delimiter that never comes must not be looked for up to the end of the input for each message.
    delimited framing = ended_by({"\n", ";"});
    sealed_pages stream{2, 'x'};
    stream.write_at_end("\n", 1);
    stream.seal_behind(1);
    EXPECT_TRUE(framing.decode(stream.pages(2))->message);
}

TEST(delimited, may_encode_while_a_message_is_half_received) {
    delimited framing = ended_by({"\r\n"});
    byte_buffer output;
    EXPECT_FALSE(framing.decode("one\r")->message);
    EXPECT_TRUE(framing.encode("reply", output));
    EXPECT_EQ(framing.encode("re\r\nply", output).error(), errc::malformed);
    EXPECT_EQ(framing.decode("one\r\n")->message->text(), "one");
}

TEST(delimited, refuses_to_encode_what_would_be_decoded_otherwise) {
    EXPECT_EQ(encoded(ended_by({"\r\n", ";"}), "a"), "a\r\n") << "the first delimiter is written";
    EXPECT_EQ(encode_error(ended_by({"\r\n", ";"}), "a;b"), errc::malformed) << "any delimiter counts";
    EXPECT_EQ(encode_error(ended_by({"\r\n"}), "a\r\nb"), errc::malformed);
    EXPECT_EQ(encode_error(ended_by({"aa"}), "xa"), errc::malformed) << "it would end one byte earlier";
    EXPECT_EQ(encode_error(ended_by({"ab", "xa"}), "x"), errc::malformed) << "the joint forms another delimiter";
    EXPECT_EQ(encode_error(ended_by({"\n", "\r\n"}), "a\r"), errc::malformed) << "the joint forms a longer one";
    EXPECT_EQ(encoded(ended_by({"\r\n"}), "a\r"), "a\r\r\n");
    EXPECT_EQ(encoded(ended_by({"\r\n", "\n"}), "a\r"), "a\r\r\n");
    const delimited small{{.delimiters = {"\n"}, .max_message = 3}};
    EXPECT_EQ(encoded(small, "abc"), "abc\n");
    EXPECT_EQ(encode_error(small, "abcd"), errc::message_too_large);
}

TEST(delimited, lets_the_end_of_the_stream_end_a_message_when_told_to) {
    testkit::verify_framing(delimited{{.delimiters = {"\n"}, .accept_unterminated_last = true, .max_message = 3}})
        .bytes("a\nb")
        .gives({"a"})
        .ends_with("b")
        .bytes("a\n")
        .gives({"a"})
        .bytes("abcd")
        .fails_with(errc::message_too_large)
        .check();
    delimited long_delimiter{{.delimiters = {"--end--"}, .accept_unterminated_last = true, .max_message = 3}};
    EXPECT_FALSE(long_delimiter.decode("abcd")->message);
    EXPECT_EQ(long_delimiter.finish("abcd").error(), errc::message_too_large);
}

TEST(delimited, refuses_options_that_contradict_each_other) {
    const auto refused = [](delimited_options options) { return refusal([&] { delimited{options}; }); };
    EXPECT_TRUE(contains(refused({}), "at least one delimiter"));
    EXPECT_TRUE(contains(refused({.delimiters = {""}}), "at least one byte"));
    EXPECT_TRUE(contains(refused({.delimiters = {"\n", ""}}), "at least one byte"));
    EXPECT_TRUE(contains(refused({.delimiters = {"\n", ";", "\n"}}), R"("\n" is given twice)"));
    EXPECT_TRUE(contains(refused({.delimiters = {"a", "ab"}}), R"("ab" is never found because "a" ends a message)"));
    EXPECT_TRUE(contains(refused({.delimiters = {"abba", "bb"}}), R"("abba" is never found)"));
    EXPECT_TRUE(contains(refused({.delimiters = {"aba", "a"}}), R"("aba" is never found)"));
    EXPECT_TRUE(contains(refused({.delimiters = {"\n"}, .max_message = 0}), "at least 1"));
    EXPECT_TRUE(contains(refused({.delimiters = {"end"}, .keep_delimiter = true, .max_message = 2}), "at least 3"));
    EXPECT_EQ(refused({.delimiters = {"\n"}, .max_message = std::size_t{0} - 1}), "");
}

TEST(line, yields_lines_with_either_ending_however_the_bytes_arrive) {
    testkit::verify_framing(line{})
        .bytes("one\ntwo\r\nthree\n")
        .gives({"one", "two", "three"})
        .bytes("\n\r\n\n")
        .gives({"", "", ""})
        .bytes("a\rb\n")
        .gives({"a\rb"})
        .bytes("a\r\r\n")
        .gives({"a\r"})
        .one_way()
        .bytes("one\ntw")
        .gives({"one"})
        .ends_with(errc::truncated)
        .bytes("one\r")
        .ends_with(errc::truncated)
        .check();
}

TEST(line, writes_a_plain_newline) {
    EXPECT_EQ(encoded(line{}, "hello"), "hello\n");
    EXPECT_EQ(encoded(line{}, ""), "\n");
    EXPECT_EQ(encode_error(line{}, "two\nlines"), errc::malformed);
    EXPECT_EQ(encode_error(line{}, "hello\r"), errc::malformed);
}

TEST(line, is_limited_to_16_kib_without_its_ending) {
    EXPECT_EQ(encode_error(line{}, std::string(16'384, 'x')), error_code{});
    EXPECT_EQ(encode_error(line{}, std::string(16'385, 'x')), errc::message_too_large);
    testkit::verify_framing(line{{.max_message = 3}})
        .bytes("abc\r\nabc\n")
        .gives({"abc", "abc"})
        .bytes("abcd\n")
        .fails_with(errc::message_too_large)
        .bytes("abcd\r\n")
        .fails_with(errc::message_too_large)
        .check();
}

TEST(line, delivers_an_unterminated_last_line_only_when_told_to) {
    testkit::verify_framing(line{{.accept_unterminated_last = true}})
        .bytes("a\nb")
        .gives({"a"})
        .ends_with("b")
        .bytes("a\r\nb\r")
        .gives({"a"})
        .ends_with("b\r")
        .check();
}

} // namespace fairlead::test
