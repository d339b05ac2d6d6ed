#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <string_view>

namespace fairlead {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t shown_bytes = 16;

struct beginning {
    std::string_view bytes;
    std::string_view protocol;
};

constexpr beginning beginnings[] = {
    {"PRI * HTTP/2.0"sv, "an HTTP/2 connection preface"},
    {"GET "sv, "an HTTP request"},
    {"POST "sv, "an HTTP request"},
    {"PUT "sv, "an HTTP request"},
    {"HEAD "sv, "an HTTP request"},
    {"DELETE "sv, "an HTTP request"},
    {"OPTIONS "sv, "an HTTP request"},
    {"PATCH "sv, "an HTTP request"},
    {"CONNECT "sv, "an HTTP request"},
    {"TRACE "sv, "an HTTP request"},
    {"HTTP/"sv, "an HTTP response"},
    {"\x16\x03"sv, "a TLS hello"},
    {"\x15\x03"sv, "a TLS alert"},
    {"SSH-"sv, "an SSH banner"},
    {"PROXY "sv, "a PROXY protocol header"},
    {"\r\n\r\n\0\r\nQUIT\n"sv, "a PROXY protocol header"},
    {"EHLO "sv, "an SMTP client"},
    {"HELO "sv, "an SMTP client"},
    {"220 "sv, "an SMTP or FTP greeting"},
    {"220-"sv, "an SMTP or FTP greeting"},
    {"+OK"sv, "a Redis or POP3 reply"},
    {"-ERR"sv, "a Redis or POP3 reply"},
};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_text(char c) {
    return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
}

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Returns the name of the protocol; empty if it is not recognized.
std::string_view guess_protocol(std::string_view input) {
    for (const beginning& known : beginnings) {
        if (input.starts_with(known.bytes))
            return known.protocol;
    }
    if (input.size() >= 2 && input[0] == '*' && is_digit(input[1]))
        return "a Redis command";
    const std::string_view head = input.substr(0, shown_bytes);
    if (head.empty() || !std::ranges::all_of(head, is_text))
        return {};
    const auto first = std::ranges::find_if_not(head, is_blank);
    return first != head.end() && (*first == '{' || *first == '[') ? "JSON" : "text";
}

} // namespace

std::string explain_input(bytes_view input) {
    if (input.empty())
        return "no bytes";
    static constexpr char digits[] = "0123456789abcdef";
    std::string line = "first bytes:";
    for (const unsigned char byte : input.first(shown_bytes)) {
        line += ' ';
        line += digits[byte >> 4];
        line += digits[byte & 0x0F];
    }
    line += " \"" + escape(input.first(shown_bytes)) + "\"";
    const std::string_view protocol = guess_protocol(input.text());
    if (!protocol.empty())
        line += " - this looks like " + std::string{protocol};
    return line;
}

} // namespace fairlead
