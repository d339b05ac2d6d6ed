#include "admin/json_writer.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/utf8.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>

namespace fairlead {

json_writer& json_writer::open(char bracket) {
    separate();
    text_ += bracket;
    comma_ = false;
    return *this;
}

json_writer& json_writer::close(char bracket) {
    text_ += bracket;
    comma_ = true;
    return *this;
}

json_writer& json_writer::key(std::string_view name) {
    separate();
    quote(name);
    text_ += ':';
    comma_ = false;
    return *this;
}

json_writer& json_writer::value(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

json_writer& json_writer::value(double number) {
    if (!std::isfinite(number))
        return null();
    char digits[32];
    const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
    return literal({digits, static_cast<std::size_t>(end - digits)});
}

json_writer& json_writer::literal(std::string_view text) {
    separate();
    text_ += text;
    return *this;
}

void json_writer::separate() {
    if (comma_)
        text_ += ',';
    comma_ = true;
}

void json_writer::quote(std::string_view text) {
    text_ += '"';
    while (!text.empty()) {
        const utf8_character next = first_character(text);
        if (next.kind != utf8_character::state::whole)
            text_ += "\xEF\xBF\xBD";
        else if (next.code == '"' || next.code == '\\')
            (text_ += '\\') += static_cast<char>(next.code);
        else if (next.code == '\n')
            text_ += "\\n";
        else if (next.code < 0x20 || next.code == 0x7F) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(next.code));
            text_ += escaped;
        } else {
            text_ += text.substr(0, next.size);
        }
        text.remove_prefix(next.size);
    }
    text_ += '"';
}

} // namespace fairlead
