#include "printable_json.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>

#include <cstdint>
#include <cstdio>

namespace fairlead::command {

namespace {

constexpr std::uint32_t first_beyond_ascii = 0x7F; // with DEL

void append_unit(std::string& to, std::uint32_t unit) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(unit & 0xFFFF));
    to += text;
}

void append_escaped_character(std::string& to, std::uint32_t code) {
    if (code < 0x10000)
        return append_unit(to, code);
    append_unit(to, 0xD800 + ((code - 0x10000) >> 10)); // a pair of surrogates
    append_unit(to, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

} // namespace

std::string printable_json(std::string_view json) {
    std::string shown;
    shown.reserve(json.size());
    for (bytes_view rest = json; !rest.empty();) {
        const utf8_character first = first_character(rest);
        const bytes_view bytes = rest.first(first.size);
        if (first.code < first_beyond_ascii || printable(bytes) == bytes.text())
            shown += bytes.text();
        else
            append_escaped_character(shown, first.code);
        rest = rest.from(first.size);
    }
    return shown;
}

} // namespace fairlead::command
