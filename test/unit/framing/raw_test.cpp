#include <fairlead/framing/raw.hpp>

#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(raw, passes_bytes_unchanged_however_they_arrive) {
    std::string all;
    for (int byte = 0; byte != 256; ++byte)
        all += static_cast<char>(byte);
    testkit::verify_framing(raw{})
        .ignoring_boundaries()
        .bytes("hello")
        .gives({"hello"})
        .bytes(all)
        .gives({all})
        .bytes("")
        .gives({})
        .check();
    testkit::verify_framing(raw{{.max_message = 2}})
        .ignoring_boundaries()
        .bytes("hello")
        .gives({"he", "ll", "o"})
        .check();
}

TEST(raw, yields_what_has_arrived_as_one_message) {
    raw framing;
    const result<decoded> step = framing.decode("two\nlines\n");
    EXPECT_EQ(step->message->text(), "two\nlines\n");
    EXPECT_EQ(step->consumed, 10u);
}

TEST(raw, divides_what_exceeds_the_limit) {
    raw framing{{.max_message = 3}};
    EXPECT_EQ(framing.decode("abcd")->message->text(), "abc");
    EXPECT_EQ(framing.decode("abcd")->consumed, 3u);
}

TEST(raw, writes_nothing_for_an_empty_message) {
    EXPECT_EQ(encoded(raw{}, ""), "");
    EXPECT_FALSE(raw{}.decode("")->message);
}

TEST(raw, refuses_to_encode_more_than_the_limit) {
    EXPECT_EQ(encoded(raw{{.max_message = 3}}, "abc"), "abc");
    EXPECT_EQ(encode_error(raw{{.max_message = 3}}, "abcd"), errc::message_too_large);
}

TEST(raw, refuses_a_limit_of_zero) {
    EXPECT_TRUE(contains(refusal([] { raw{{.max_message = 0}}; }), "at least 1"));
}

} // namespace fairlead::test
