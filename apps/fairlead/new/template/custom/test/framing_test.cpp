// Tests of the framing, without a connection: each stream of bytes is cut at every position.

#include "framing.hpp"

#include <fairlead/testkit/framing_verifier.hpp>

#include <gtest/gtest.h>

#include <string>

using namespace std::string_view_literals;
using fairlead::errc;
using fairlead::testkit::verify_framing;

TEST(message_framing, divides_a_stream_into_messages) {
    verify_framing(message_framing{}).bytes("\0\4ahoy\x6D\xC6\0\0\xFF\xFF"sv).gives({"ahoy", ""}).check();
}

TEST(message_framing, refuses_a_message_that_was_changed_on_the_way) {
    verify_framing(message_framing{})
        .bytes("\0\4ahoy\x6D\xC6\0\4ohoy\x6D\xC6"sv)
        .gives({"ahoy"})
        .fails_with(errc::malformed)
        .check();
}

TEST(message_framing, refuses_a_large_message_before_it_arrives) {
    verify_framing(message_framing{}).bytes("\x40\x01"sv).fails_with(errc::message_too_large).check();
}

TEST(message_framing, reports_a_stream_that_ends_inside_a_message) {
    verify_framing(message_framing{})
        .bytes("\0\4ahoy\x6D"sv)
        .ends_with(errc::truncated)
        .bytes("\0"sv)
        .ends_with(errc::truncated)
        .check();
}

TEST(message_framing, sends_no_message_that_a_peer_would_refuse) {
    fairlead::byte_buffer output;
    const std::string large(message_framing{}.max_message() + 1, 'a');
    EXPECT_EQ(message_framing{}.encode(large, output).error(), errc::message_too_large);
    EXPECT_EQ(output.size(), 0u);
}
