#include "answer_check.hpp"

#include "test/unit/command/has.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

// Why a server with that handler is refused, or nothing.
std::string refusal_of(const message_handler& what, const char* framing) {
    try {
        require_sendable_answers(what, parse_framing(framing));
        return "";
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

} // namespace

TEST(require_sendable_answers, refuses_a_handler_whose_answers_the_framing_cannot_carry) {
    const std::string refusal = refusal_of(reply("hi"), "fixed:5");
    EXPECT_TRUE(has(refusal, "framing fixed:5 cannot carry the answer 'hi'")) << refusal;
    EXPECT_NE(refusal_of(reply("[{message}]"), "fixed:5"), "");
    EXPECT_NE(refusal_of(echo("> "), "fixed:5"), "");
    EXPECT_NE(refusal_of(reply("one\ntwo"), "line"), "");
    EXPECT_NE(refusal_of(reply("a;b"), "delimiter:;"), "");
    const std::string long_refusal = refusal_of(reply(std::string(256, 'x')), "length:1");
    EXPECT_TRUE(has(long_refusal, "the answer of 256 bytes")) << long_refusal;
}

TEST(require_sendable_answers, accepts_a_handler_that_can_answer_some_message) {
    EXPECT_EQ(refusal_of(reply("hello"), "fixed:5"), "");
    EXPECT_EQ(refusal_of(reply("{message}"), "fixed:5"), "");
    EXPECT_EQ(refusal_of(echo(), "fixed:5"), "");
    EXPECT_EQ(refusal_of(uppercase(), "fixed:5"), "");
    EXPECT_EQ(refusal_of(reply("\r{message}"), "line"), "") << "only to an empty line it ends in a carriage return";
    EXPECT_EQ(refusal_of(echo(std::string(200, 'x')), "length:1"), "") << "messages up to 55 bytes are answered";
    for (const char* const framing : {"length", "varint", "line", "delimiter:;", "raw"}) {
        EXPECT_EQ(refusal_of(reply(""), framing), "") << framing;
        EXPECT_EQ(refusal_of(uppercase(), framing), "") << framing;
    }
}

TEST(require_answers_for_datagrams, refuses_an_answer_that_is_larger_than_one) {
    EXPECT_NO_THROW(require_answers_for_datagrams(reply(std::string(65'507, 'x'))));
    EXPECT_NO_THROW(require_answers_for_datagrams(echo("> ")));
    EXPECT_THROW(require_answers_for_datagrams(reply(std::string(65'508, 'x'))), std::invalid_argument);
}

} // namespace fairlead::command
