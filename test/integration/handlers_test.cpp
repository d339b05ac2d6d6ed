#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <clocale>
#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

std::string every_byte() {
    std::string bytes;
    for (int value = 0; value <= 0xFF; ++value)
        bytes += static_cast<char>(value);
    return bytes;
}

// Turkish has a capital of its own for i, and its 8-bit character set has letters above 0x7F.
class locale_guard {
public:
    explicit locale_guard(std::initializer_list<const char*> names) {
        for (const char* each : names) {
            if (std::setlocale(LC_ALL, each))
                break;
        }
    }
    ~locale_guard() { std::setlocale(LC_ALL, "C"); }
};

TEST(handlers_over_tcp, echo_sends_every_byte_back) {
    running_server server{length_prefixed{}, echo()};
    EXPECT_EQ(ask(server.where(), frame(every_byte()) + frame("")), frame(every_byte()) + frame(""));
}

TEST(handlers_over_tcp, echo_puts_its_prefix_before_each_message) {
    running_server server{length_prefixed{}, echo("re: ")};
    EXPECT_EQ(ask(server.where(), frame("one") + frame("")), frame("re: one") + frame("re: "));
}

TEST(handlers_over_tcp, uppercase_changes_ascii_letters_alone_whatever_the_locale) {
    const locale_guard turkish{"tr_TR.ISO-8859-9", "tr_TR.UTF-8", "tr_TR.utf8", "tr_TR"};
    std::string expected = every_byte();
    for (std::size_t letter = 'a'; letter <= 'z'; ++letter)
        expected[letter] = static_cast<char>(letter - 'a' + 'A');

    running_server server{length_prefixed{}, uppercase()};
    EXPECT_EQ(ask(server.where(), frame(every_byte())), frame(expected));
    EXPECT_EQ(ask(server.where(), frame("istanbul, ıssız, größe, 收到 a")), frame("ISTANBUL, ıSSıZ, GRößE, 收到 A"));
}

TEST(handlers_over_tcp, reply_fills_in_each_mark_and_searches_no_message) {
    running_server server{length_prefixed{}, reply("{message} 收到 {message}")};
    EXPECT_EQ(ask(server.where(), frame("船") + frame("{message}")),
              frame("船 收到 船") + frame("{message} 收到 {message}"));
}

} // namespace

} // namespace fairlead::test
