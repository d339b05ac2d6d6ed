#include "support/piece_run.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using events = std::vector<std::string>;

constexpr websocket_rules text_pieces{.messages = websocket_messages::text};

} // namespace

TEST(frame_pieces, are_the_same_message_wherever_it_is_cut) {
    using enum frame_kind;
    EXPECT_EQ(pieces_cut_everywhere(masked_frame(binary, "one") + masked_frame(binary, "") +
                                    masked_frame(text, "th\xC3\xA9", false) + masked_frame(ping, "?") +
                                    masked_frame(continuation, "", false) + masked_frame(continuation, "re", false) +
                                    masked_frame(continuation, "e", true) + masked_frame(binary, "x", false) +
                                    masked_frame(continuation, "", true) + masked_close(1000)),
              (events{"message one", "message ", "ping ?", "message th\xC3\xA9ree", "message x", "close"}));
    const std::string longer(300, 'x');
    EXPECT_EQ(pieces_cut_everywhere(masked_frame(binary, longer) + masked_frame(binary, "y")),
              (events{"message " + longer, "message y"}));
}

TEST(frame_pieces, of_a_server_are_not_masked) {
    const std::string bytes = raw_frame(2, "ab", {.last = false, .by = websocket_role::server}) +
                              raw_frame(0, "c", {.by = websocket_role::server});
    EXPECT_EQ(pieces_cut_everywhere(bytes, {.role = websocket_role::client}), (events{"message abc"}));
}

TEST(frame_pieces, say_what_is_left_only_in_the_last_frame_of_a_message) {
    frame_reader reader{{}};
    std::string first = masked_frame(frame_kind::binary, "abcd", false);
    const frame_step open = reader.next_piece({reinterpret_cast<unsigned char*>(first.data()), first.size()});
    EXPECT_EQ(open.left, std::nullopt);
    std::string last = masked_frame(frame_kind::continuation, "efghij").substr(0, 6 + 2);
    const frame_step known = reader.next_piece({reinterpret_cast<unsigned char*>(last.data()), last.size()});
    EXPECT_EQ(to_string(known.payload), "ef");
    EXPECT_EQ(known.left, 4u);
    EXPECT_TRUE(reader.inside_message());
}

TEST(frame_pieces, of_text_are_checked_as_one_text) {
    const auto text = [](const std::string& begin, const std::string& end) {
        return masked_frame(frame_kind::text, begin, false) + masked_frame(frame_kind::continuation, end);
    };
    EXPECT_EQ(pieces_cut_everywhere(text("a\xC3", "\xA9"), text_pieces), (events{"message a\xC3\xA9"}));
    EXPECT_EQ(error_in_pieces(text("a\xC3", "b"), text_pieces), frame_error::not_utf8);
    EXPECT_EQ(error_in_pieces(text("a", "\xC3"), text_pieces), frame_error::not_utf8) << "it ends inside a character";
    EXPECT_EQ(error_in_pieces(masked_frame(frame_kind::binary, "a"), text_pieces), frame_error::binary_refused);
}

TEST(frame_pieces, may_be_more_than_a_whole_message_may_but_no_more_than_their_own_limit) {
    const websocket_rules rules{.max_message = 3, .max_in_parts = 8};
    const auto fragments = [](std::size_t size) {
        return masked_frame(frame_kind::binary, std::string(5, 'a'), false) +
               masked_frame(frame_kind::continuation, std::string(size - 5, 'b'));
    };
    EXPECT_EQ(pieces_cut_everywhere(fragments(8) + fragments(8), rules),
              (events{"message aaaaabbb", "message aaaaabbb"}));
    EXPECT_EQ(error_in_pieces(fragments(9), rules), frame_error::message_too_large);
    EXPECT_EQ(error_in_pieces(masked_frame(frame_kind::binary, "123456789"), rules), frame_error::message_too_large);
    piece_run whole{rules};
    whole.input().append(masked_frame(frame_kind::binary, "1234"));
    EXPECT_EQ(whole.reader().next(whole.input().writable_data(), nullptr).why, frame_error::message_too_large);
}

TEST(frame_pieces, begin_with_the_fragments_that_were_gathered_for_a_whole_message) {
    piece_run run{text_pieces};
    const std::string bytes = masked_frame(frame_kind::text, "a\xC3", false) +
                              masked_frame(frame_kind::continuation,
                                           "\xA9"
                                           "b",
                                           false) +
                              masked_frame(frame_kind::continuation, "c\xC3\xA9"
                                                                     "de");
    const std::size_t given = bytes.size() - 3; // behind the first byte of the last character
    run.input().append(bytes_view{bytes}.first(given));
    frame_step step;
    do {
        step = run.reader().next(run.input().writable_data(), nullptr);
        run.input().consume(step.consumed);
    } while (step.status == frame_step::outcome::part);
    ASSERT_EQ(step.status, frame_step::outcome::starved);
    run.arrive(bytes_view{bytes}.from(given));
    EXPECT_EQ(run.error, frame_error::none);
    EXPECT_EQ(run.seen, (events{"message a\xC3\xA9"
                                "bc\xC3\xA9"
                                "de"}));
}

TEST(frame_pieces, may_be_dropped_in_the_middle) {
    piece_run run{{}};
    run.arrive(masked_frame(frame_kind::binary, "abcdef").substr(0, 6 + 2));
    run.input().append(masked_frame(frame_kind::binary, "abcdef").substr(6 + 2) + masked_close(1000));
    frame_step step;
    do {
        step = run.reader().drop(run.input().writable_data());
        run.input().consume(step.consumed);
    } while (step.status == frame_step::outcome::part);
    EXPECT_EQ(step.status, frame_step::outcome::close);
}

} // namespace fairlead::test
