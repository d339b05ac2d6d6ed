#include "core/json_string.hpp"

#include <fairlead/utf8.hpp>

#include <cstdint>
#include <cstdio>

namespace fairlead {

namespace {

void append_unit(std::string& to, unsigned unit) {
    char text[sizeof "\\u" + 2 * sizeof unit];
    std::snprintf(text, sizeof text, "\\u%04x", unit);
    to += text;
}

void append_character(std::string& to, char32_t character) {
    constexpr char32_t first_of_two = 0x10000;
    if (character < first_of_two)
        return append_unit(to, static_cast<unsigned>(character));
    append_unit(to, static_cast<unsigned>(0xD800 + ((character - first_of_two) >> 10)));
    append_unit(to, static_cast<unsigned>(0xDC00 + ((character - first_of_two) & 0x3FF)));
}

} // namespace

void append_json_string(std::string& to, std::string_view text) {
    constexpr std::uint32_t replacement = 0xFFFD;
    to += '"';
    while (!text.empty()) {
        const utf8_character next = first_character(text);
        const std::uint32_t code = next.kind == utf8_character::state::whole ? next.code : replacement;
        if (code == '"' || code == '\\')
            to += {'\\', static_cast<char>(code)};
        else if (code >= ' ' && code < 0x7F)
            to += static_cast<char>(code);
        else
            append_character(to, code);
        text.remove_prefix(next.size);
    }
    to += '"';
}

} // namespace fairlead
