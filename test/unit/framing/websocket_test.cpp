#include <fairlead/framing/websocket.hpp>

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

TEST(websocket_messages, have_text_forms) {
    for (const char* text : {"websocket", "websocket:text"})
        EXPECT_EQ(parse_framing(text).to_string(), text);
    EXPECT_EQ(parse_framing("websocket:binary").to_string(), "websocket");
    EXPECT_EQ(parse_framing("websocket", 7).max_message(), 7u);
    EXPECT_THROW(parse_framing("websocket:json"), std::invalid_argument);
    EXPECT_THROW(parse_framing("websocket", 0), std::invalid_argument);
}

TEST(websocket_messages, are_found_in_the_framing_that_holds_them) {
    const framing held = websocket{{.messages = websocket_messages::text}};
    ASSERT_NE(held.target<websocket>(), nullptr);
    EXPECT_EQ(held.target<websocket>()->messages(), websocket_messages::text);
    EXPECT_EQ(held.target<line>(), nullptr);
    EXPECT_EQ(framing{}.target<websocket>(), nullptr);
}

TEST(websocket_messages, are_checked_and_not_divided) {
    websocket text{{.messages = websocket_messages::text, .max_message = 4}};
    byte_buffer output;
    EXPECT_EQ(text.encode("12345", output).error(), errc::message_too_large);
    EXPECT_EQ(text.encode("\xFF", output).error(), errc::malformed);
    EXPECT_TRUE(text.encode("\xC3\xA4", output));
    EXPECT_EQ(output.size(), 2u);
    EXPECT_EQ(text.decode("hello").error(), errc::malformed);
    EXPECT_NE(text.explain(errc::malformed, "hello").find("ws:// and wss:// alone"), std::string::npos);
}

} // namespace fairlead::test
