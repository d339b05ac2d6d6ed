#include "support/cut_frames.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using events = std::vector<std::string>;

frame_error error_of(const std::string& bytes, const websocket_rules& rules = {}) {
    frame_run run{rules};
    run.arrive(bytes);
    return run.error();
}

constexpr websocket_rules text_rules{.messages = websocket_messages::text};

std::string part(frame_kind kind, const std::string& payload, bool last) {
    return masked_frame(kind, payload, last);
}

} // namespace

TEST(frame_reader, reads_messages_of_every_size_of_header_wherever_they_are_cut) {
    using enum frame_kind;
    EXPECT_EQ(read_cut_everywhere(masked_frame(text, "one") + masked_frame(binary, "") + masked_frame(text, "three")),
              (events{"message one", "message ", "message three"}));
    const std::string longer(300, 'x');
    EXPECT_EQ(read_cut_everywhere(masked_frame(binary, longer) + masked_frame(binary, "y")),
              (events{"message " + longer, "message y"}));
    const std::string large(70'000, 'z');
    for (const std::size_t cut : {1u, 2u, 9u, 13u, 14u, 15u, 40'000u})
        EXPECT_EQ(read_in_pieces(masked_frame(binary, large) + masked_frame(binary, "y"), {}, {cut}),
                  (events{"message " + large, "message y"}));
}

TEST(frame_reader, joins_fragments_with_control_frames_between_them) {
    using enum frame_kind;
    EXPECT_EQ(read_cut_everywhere(part(text, "on", false) + masked_frame(ping, "?") + part(continuation, "", false) +
                                  part(continuation, "e", true) + masked_frame(pong, "!") + masked_frame(text, "two")),
              (events{"ping ?", "message one", "pong !", "message two"}));
}

TEST(frame_reader, reads_the_frames_of_a_server_unmasked) {
    const websocket_rules client{.role = websocket_role::client};
    const std::string bytes = make_frame(frame_kind::text, "hi", nullptr) + make_frame(frame_kind::ping, "p", nullptr) +
                              make_frame(frame_kind::close, code_bytes(1001), nullptr);
    EXPECT_EQ(read_cut_everywhere(bytes, client), (events{"message hi", "ping p", "close 1001"}));
    EXPECT_EQ(error_of(masked_frame(frame_kind::text, "hi"), client), frame_error::masked);
    EXPECT_EQ(error_of(make_frame(frame_kind::text, "hi", nullptr)), frame_error::not_masked);
}

TEST(frame_reader, refuses_what_the_protocol_forbids) {
    using enum frame_kind;
    struct {
        std::string bytes;
        frame_error why;
    } const cases[] = {
        {raw_frame(1, "x", {.reserved = 4}), frame_error::reserved_bits},
        {raw_frame(3, "x"), frame_error::unknown_kind},
        {raw_frame(7, ""), frame_error::unknown_kind},
        {raw_frame(11, "x"), frame_error::unknown_kind},
        {masked_frame(ping, std::string(126, 'x')), frame_error::control_too_large},
        {part(ping, "x", false), frame_error::control_fragmented},
        {part(close, "", false), frame_error::control_fragmented},
        {part(continuation, "x", true), frame_error::nothing_to_continue},
        {part(text, "x", false) + masked_frame(text, "y"), frame_error::message_not_finished},
        {"\x82\xFE" + std::string("\0\x7D\0\0\0\0", 6) + std::string(125, '\0'), frame_error::wrong_length},
        {"\x82\xFF" + std::string("\0\0\0\0\0\0\xFF\xFF\0\0\0\0", 12), frame_error::wrong_length},
        {"\x82\xFF" + std::string("\x80\0\0\0\0\0\0\0\0\0\0\0", 12), frame_error::wrong_length},
        {masked_frame(close, "x"), frame_error::wrong_close},
        {masked_close(1005), frame_error::wrong_close},
        {masked_close(1000, "\xFF"), frame_error::not_utf8},
    };
    for (const auto& [bytes, why] : cases) {
        EXPECT_EQ(error_of(bytes), why) << escape(bytes, 20);
        EXPECT_EQ(read_cut_everywhere(masked_frame(text, "a") + bytes).back(),
                  "error " + std::to_string(static_cast<int>(close_code_of(why))));
    }
}

TEST(frame_reader, refuses_a_message_that_is_too_large_by_its_header_alone) {
    using enum frame_kind;
    const websocket_rules rules{.max_message = 10};
    EXPECT_EQ(read_cut_everywhere(masked_frame(binary, "0123456789"), rules), events{"message 0123456789"});
    EXPECT_EQ(error_of(masked_frame(binary, "0123456789a").substr(0, 6), rules), frame_error::message_too_large);
    EXPECT_EQ(error_of(masked_frame(binary, "0123456789a"), rules), frame_error::message_too_large);
    EXPECT_EQ(error_of(masked_frame(binary, std::string(300, 'x')), rules), frame_error::message_too_large);
    EXPECT_EQ(read_cut_everywhere(part(binary, "012345", false) + part(continuation, "6789", true), rules),
              events{"message 0123456789"});
    EXPECT_EQ(error_of(part(binary, "012345", false) + part(continuation, "6789a", true).substr(0, 6), rules),
              frame_error::message_too_large);
    EXPECT_EQ(error_of("\x82\xFF" + std::string("\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 12), rules),
              frame_error::message_too_large);
}

TEST(frame_reader, refuses_text_with_the_first_byte_that_is_not_utf8) {
    using enum frame_kind;
    const std::string frame = masked_frame(text, "caf\xC3\xA9 \xFF and a long rest");
    for (std::size_t size = 1; size <= frame.size(); ++size) {
        frame_run run{websocket_rules{}};
        run.arrive(bytes_view{frame}.first(size));
        EXPECT_EQ(run.error(), size < 6 + 7 ? frame_error::none : frame_error::not_utf8) << size << " bytes";
    }
    EXPECT_EQ(error_of(part(text, "a\xC3", false)), frame_error::none);
    EXPECT_EQ(error_of(part(text, "a\xC3", false) + part(continuation, "(", false)), frame_error::not_utf8);
    EXPECT_EQ(error_of(masked_frame(text, "a\xC3")), frame_error::not_utf8) << "it ends inside a character";
    EXPECT_EQ(read_cut_everywhere(part(text, "a\xC3", false) + part(continuation, "\xA9", true)),
              events{"message a\xC3\xA9"});
    EXPECT_EQ(error_of(part(text, "a\xC3", false) + part(continuation, "", true)), frame_error::not_utf8);
    EXPECT_EQ(read_cut_everywhere(masked_frame(binary, "\xFF") + masked_frame(text, "a")),
              (events{"message \xFF", "message a"}));
}

TEST(frame_reader, refuses_binary_messages_where_text_is_expected) {
    EXPECT_EQ(error_of(masked_frame(frame_kind::binary, "x").substr(0, 2), text_rules), frame_error::binary_refused);
    EXPECT_EQ(read_cut_everywhere(masked_frame(frame_kind::text, "x"), text_rules), events{"message x"});
}

TEST(frame_reader, drops_messages_until_the_close) {
    using enum frame_kind;
    const std::string bytes = masked_frame(binary, std::string(200, 'x')) + part(text, "\xFF", false) +
                              masked_frame(ping, "?") + part(continuation, "y", true) + masked_close(1000);
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        frame_reader reader{websocket_rules{}};
        byte_buffer input;
        bool closed = false;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            input.append(bytes_view{bytes}.from(at).first(piece));
            for (;;) {
                const frame_step step = reader.drop(input.writable_data());
                ASSERT_NE(step.status, frame_step::outcome::error);
                ASSERT_NE(step.status, frame_step::outcome::message);
                closed = closed || step.status == frame_step::outcome::close;
                if (step.status == frame_step::outcome::starved || closed)
                    break;
                input.consume(step.consumed);
            }
            ASSERT_LT(input.size(), 140u) << "no payload is kept";
        }
        EXPECT_TRUE(closed) << "pieces of " << piece;
    }
}

} // namespace fairlead::test
