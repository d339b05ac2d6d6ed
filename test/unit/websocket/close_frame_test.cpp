#include "websocket/close_frame.hpp"
#include "websocket/frame_error.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace fairlead::test {

TEST(close_frame, has_the_codes_that_the_standard_and_its_registry_allow) {
    std::set<unsigned> allowed;
    for (unsigned code = 0; code <= 0xFFFF; ++code) {
        if (is_close_code(static_cast<std::uint16_t>(code)) && code < 3000)
            allowed.insert(code);
        const bool of_applications = code >= 3000 && code < 5000;
        EXPECT_TRUE(code < 3000 || is_close_code(static_cast<std::uint16_t>(code)) == of_applications) << code;
    }
    EXPECT_EQ(allowed, (std::set<unsigned>{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014}));
}

TEST(close_frame, cuts_a_long_reason_between_characters) {
    EXPECT_EQ(close_payload(1000, "bye"), "\x03\xE8"
                                          "bye");
    std::string reason(122, 'a');
    EXPECT_EQ(close_payload(1002, reason + "\xC3\xA9").size(), 124u);
    EXPECT_EQ(close_payload(1002, reason + "bcd").size(), 125u);
}

TEST(close_frame, is_described_in_one_printable_line) {
    EXPECT_EQ(describe(close_notice{}), "the peer closed the WebSocket without a code");
    EXPECT_EQ(describe({1009, "at most\n1 KiB"}),
              "the peer closed the WebSocket with 1009 (message_too_large): at most\\n1 KiB");
    EXPECT_EQ(describe({4001, ""}), "the peer closed the WebSocket with 4001");
}

TEST(close_frame, is_an_error_unless_the_conversation_is_over_or_the_code_is_an_applications) {
    for (const unsigned code : {0u, 1000u, 1001u, 3000u, 4999u})
        EXPECT_FALSE(is_error({static_cast<std::uint16_t>(code), {}})) << code;
    for (const unsigned code : {1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u})
        EXPECT_TRUE(is_error({static_cast<std::uint16_t>(code), {}})) << code;
}

TEST(frame_error, has_a_code_an_error_and_a_sentence_of_its_own) {
    std::set<std::string> sentences;
    for (int value = 1; value <= static_cast<int>(frame_error::message_too_large); ++value) {
        const auto why = static_cast<frame_error>(value);
        sentences.insert(explain(why));
        EXPECT_EQ(errc_of(why) == errc::message_too_large, why == frame_error::message_too_large);
    }
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(frame_error::message_too_large));
    EXPECT_EQ(close_code_of(frame_error::not_utf8), websocket_close::not_utf8);
    EXPECT_EQ(close_code_of(frame_error::binary_refused), websocket_close::unsupported);
    EXPECT_EQ(close_code_of(frame_error::message_too_large), websocket_close::message_too_large);
    EXPECT_EQ(close_code_of(frame_error::reserved_bits), websocket_close::protocol_error);
}

TEST(websocket_close, has_a_name_and_words_for_each_code) {
    EXPECT_EQ(to_string(websocket_close::try_again_later), "try_again_later");
    EXPECT_EQ(to_string(static_cast<websocket_close>(1004)), "unknown");
    const error_code why = websocket_close::message_too_large;
    EXPECT_STREQ(why.category().name(), "websocket");
    EXPECT_NE(why.message().find("1009 (message_too_large)"), std::string::npos);
    std::set<std::string> names;
    for (int code = 1000; code <= 1014; ++code) {
        names.insert(std::string{to_string(static_cast<websocket_close>(code))});
        EXPECT_NE(make_error_code(static_cast<websocket_close>(code)).message().find(std::to_string(code)),
                  std::string::npos);
    }
    EXPECT_EQ(names.size(), 13u) << "twelve codes, and unknown";
}

} // namespace fairlead::test
