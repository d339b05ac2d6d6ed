#include "support/recording_peer.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <clocale>
#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::test {

namespace {

std::string answer_of(const message_handler& handle, bytes_view message) {
    recording_peer from;
    handle(message, from);
    EXPECT_EQ(from.sent.size(), 1U);
    return from.sent.empty() ? "" : from.sent.front();
}

} // namespace

TEST(echo, sends_every_message_back_unchanged) {
    EXPECT_EQ(answer_of(echo(), "hello"), "hello");
    EXPECT_EQ(answer_of(echo(), ""), "");
    EXPECT_EQ(answer_of(echo(), "\0\xFF"sv), "\0\xFF"sv);
}

TEST(echo, puts_the_prefix_before_the_message) {
    EXPECT_EQ(answer_of(echo("you said: "), "你好"), "you said: 你好");
    EXPECT_EQ(answer_of(echo("you said: "), ""), "you said: ");
}

TEST(uppercase, changes_ascii_letters_alone) {
    for (int value = 0; value < 256; ++value) {
        const char byte = static_cast<char>(value);
        const char expected = byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 32) : byte;
        EXPECT_EQ(to_upper({&byte, 1}), std::string(1, expected)) << value;
    }
    EXPECT_EQ(answer_of(uppercase(), "größe, naïve, 你好 and i"), "GRößE, NAïVE, 你好 AND I");
}

TEST(uppercase, does_not_care_for_the_locale) {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* name : {"tr_TR.UTF-8", "tr_TR.ISO-8859-9", "C.UTF-8"}) {
        if (std::setlocale(LC_ALL, name)) {
            EXPECT_EQ(to_upper("i \xFD \xEE"), "I \xFD \xEE") << name;
        }
    }
    std::setlocale(LC_ALL, before.c_str());
}

TEST(reply, fills_in_what_was_received_wherever_the_template_asks_for_it) {
    EXPECT_EQ(answer_of(reply("ack"), "x"), "ack");
    EXPECT_EQ(answer_of(reply("收到: {message}!"), "你好"), "收到: 你好!");
    EXPECT_EQ(answer_of(reply("{message}{message}"), "ab"), "abab");
}

TEST(reply, leaves_a_message_that_contains_the_placeholder_as_it_is) {
    EXPECT_EQ(answer_of(reply("<{message}>"), "{message}"), "<{message}>");
    EXPECT_EQ(answer_of(reply("{messag{message}e}"), "x"), "{messagxe}");
}

TEST(every_handler, ends_the_connection_when_a_reply_cannot_be_sent) {
    for (const message_handler& handle : {echo(), echo("prefix"), uppercase(), reply("ack")}) {
        recording_peer from;
        from.refusal = errc::send_queue_full;
        handle("message", from);
        EXPECT_TRUE(from.closed) << "the peer would wait for its reply for ever";
    }
}

TEST(every_handler, says_nothing_to_a_connection_that_has_ended) {
    recording_peer from;
    from.refusal = errc::closed;
    echo()("message", from);
    EXPECT_FALSE(from.closed);
}

} // namespace fairlead::test
