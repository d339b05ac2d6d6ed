#include <fairlead/framing/framing.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairlead::test {

TEST(explain_input, shows_the_first_16_bytes_in_hexadecimal_and_as_text) {
    EXPECT_EQ(explain_input("GET / "), R"(first bytes: 47 45 54 20 2f 20 "GET / " - this looks like an HTTP request)");
    EXPECT_EQ(explain_input("\0\xFF\n"sv), R"(first bytes: 00 ff 0a "\x00\xFF\n")");
    EXPECT_EQ(explain_input("\1" + std::string(100, 'x')),
              R"(first bytes: 01 78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 "\x01xxxxxxxxxxxxxxx")");
    EXPECT_EQ(explain_input(""), "no bytes");
}

TEST(explain_input, names_the_protocol_it_recognises) {
    const struct {
        std::string_view input;
        std::string_view name;
    } table[] = {
        {"GET / HTTP/1.1\r\n", "an HTTP request"},
        {"POST /x HTTP/1.1\r\n", "an HTTP request"},
        {"OPTIONS * HTTP/1.1\r\n", "an HTTP request"},
        {"CONNECT example.com:443 HTTP/1.1\r\n", "an HTTP request"},
        {"HTTP/1.1 200 OK\r\n", "an HTTP response"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "an HTTP/2 connection preface"},
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"sv, "a TLS hello"},
        {"\x15\x03\x03\x00\x02\x02\x28"sv, "a TLS alert"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "an SSH banner"},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "a PROXY protocol header"},
        {"\r\n\r\n\0\r\nQUIT\n\x21"sv, "a PROXY protocol header"},
        {"EHLO mail.example.com\r\n", "an SMTP client"},
        {"220 mail.example.com ESMTP\r\n", "an SMTP or FTP greeting"},
        {"*1\r\n$4\r\nPING\r\n", "a Redis command"},
        {"+OK\r\n", "a Redis or POP3 reply"},
        {R"({"name": 1})", "JSON"},
        {" [1, 2]", "JSON"},
        {"hello\r\n", "text"},
    };
    for (const auto& [input, name] : table)
        EXPECT_TRUE(explain_input(input).ends_with(" - this looks like " + std::string{name})) << explain_input(input);
}

TEST(explain_input, is_one_printable_line_for_any_bytes) {
    for (int byte = 0; byte != 256; ++byte) {
        const std::string text = explain_input(std::string(20, static_cast<char>(byte)));
        EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) << text;
    }
}

} // namespace fairlead::test
