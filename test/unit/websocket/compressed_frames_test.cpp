#include "support/compressed_frames.hpp"
#include "support/cut_frames.hpp"
#include "support/piece_run.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using events = std::vector<std::string>;

constexpr websocket_rules deflating{.max_message = 1000, .deflate_window = max_deflate_window};
constexpr websocket_rules deflating_text{
    .messages = websocket_messages::text, .max_message = 1000, .deflate_window = max_deflate_window};
using enum frame_kind;

std::string more(std::string_view payload, bool last) {
    return masked_frame(continuation, payload, last);
}

events read(const std::string& bytes, const websocket_rules& rules = deflating) {
    const events whole = read_cut_everywhere(bytes, rules);
    EXPECT_EQ(pieces_cut_everywhere(bytes, rules), whole) << "in pieces";
    return whole;
}

frame_error error_in_both(const std::string& bytes, const websocket_rules& rules = deflating) {
    frame_run run{rules};
    run.arrive(bytes);
    EXPECT_EQ(error_in_pieces(bytes, rules), run.error());
    return run.error();
}

} // namespace

TEST(compressed_frames, give_the_message_that_was_compressed_wherever_they_are_cut) {
    const std::string words = "tide, tide, tide";
    EXPECT_EQ(read(compressed_frame(text, deflated(words)) + masked_frame(frame_kind::text, "plain") +
                   compressed_frame(binary, deflated(""))),
              (events{"message " + words, "message plain", "message "}));
}

TEST(compressed_frames, are_inflated_together_with_a_ping_between_them) {
    const std::string small = deflated("once, once and once");
    const std::string stream = compressed_frame(text, small.substr(0, 3), false) + masked_frame(ping, "p") +
                               more(small.substr(3, 2), false) + more("", false) + more(small.substr(5), true) +
                               masked_frame(binary, "a", false) + more("b", true);
    EXPECT_EQ(read(stream), (events{"ping p", "message once, once and once", "message ab"}));
}

TEST(compressed_frames, of_text_are_checked_for_utf_8_once_they_are_inflated) {
    EXPECT_EQ(read(compressed_frame(text, deflated("\xC3\xA4\xC3\xB6")), deflating_text),
              events{"message \xC3\xA4\xC3\xB6"});
    EXPECT_EQ(error_in_both(compressed_frame(text, deflated("\xC3")), deflating_text), frame_error::not_utf8);
    EXPECT_EQ(error_in_both(compressed_frame(text, deflated("x\xFF").substr(0, 1), false) +
                            more(deflated("x\xFF").substr(1), true)),
              frame_error::not_utf8);
    EXPECT_EQ(error_in_both(compressed_frame(binary, deflated("\xFF"))), frame_error::none);
    EXPECT_EQ(error_in_both(compressed_frame(binary, deflated("a")), deflating_text), frame_error::binary_refused);
}

TEST(compressed_frames, are_refused_where_no_compression_was_agreed_on_or_where_the_bit_may_not_stand) {
    EXPECT_EQ(error_in_both(compressed_frame(text, deflated("a")), {}), frame_error::reserved_bits);
    EXPECT_EQ(error_in_both(raw_frame(1, deflated("a"), {.reserved = 6})), frame_error::reserved_bits);
    EXPECT_EQ(error_in_both(raw_frame(1, deflated("a"), {.reserved = 1})), frame_error::reserved_bits);
    EXPECT_EQ(error_in_both(compressed_frame(ping, "")), frame_error::reserved_bits);
    EXPECT_EQ(error_in_both(compressed_frame(text, "", false) + compressed_frame(continuation, deflated("a"))),
              frame_error::reserved_bits);
}

TEST(compressed_frames, that_cannot_be_inflated_are_refused) {
    EXPECT_EQ(error_in_both(compressed_frame(binary, "\xFF\xFF")), frame_error::wrong_compression);
    EXPECT_EQ(error_in_both(compressed_frame(binary, "")), frame_error::wrong_compression);
}

TEST(compressed_frames, hold_as_much_as_the_limit_of_a_message) {
    const std::string most(1000, 'x');
    EXPECT_EQ(read(compressed_frame(binary, deflated(most))), events{"message " + most});
    EXPECT_EQ(error_in_both(compressed_frame(binary, deflated(most + "x"))), frame_error::message_too_large);
    EXPECT_EQ(error_in_both(compressed_frame(binary, "", false) + more(deflated(most + "x"), true)),
              frame_error::message_too_large);
}

TEST(compressed_frames, may_exceed_the_limit_a_little_while_they_are_compressed) {
    const std::size_t most = max_deflated(deflating.max_message);
    EXPECT_EQ(error_in_both(compressed_frame(binary, std::string(most, '\xFF'))), frame_error::wrong_compression);
    const std::string header = compressed_frame(binary, std::string(most + 1, 'x')).substr(0, 8);
    EXPECT_EQ(error_in_both(header), frame_error::message_too_large) << "before the payload arrives";
    EXPECT_EQ(error_in_both(compressed_frame(binary, std::string(most - 1, 'x'), false) + more("xx", true)),
              frame_error::message_too_large);
}

TEST(compressed_frames, may_begin_before_pieces_are_asked_for) {
    const std::string small = deflated("before and after");
    byte_buffer input;
    input.append(compressed_frame(binary, small.substr(0, 4), false) + more(small.substr(4), true));
    frame_reader reader{deflating};
    const frame_step begun = reader.next(input.writable_data(), nullptr);
    ASSERT_EQ(begun.status, frame_step::outcome::part);
    input.consume(begun.consumed);
    const frame_step done = reader.next_piece(input.writable_data());
    ASSERT_EQ(done.status, frame_step::outcome::piece);
    EXPECT_EQ(done.payload.text(), "before and after");
    EXPECT_EQ(done.left, 0u);
}

} // namespace fairlead::test
