#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/utf8.hpp>

#include <cstdint>

namespace fairlead {

/// Returns true if a character controls a terminal, breaks the line or changes the direction of
/// text: C0, DEL, C1, U+2028 to U+202E, U+2066 to U+2069.
constexpr bool is_control_character(std::uint32_t code) noexcept {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

/// Returns true if a text has such a character. Bytes that are not UTF-8 do not count.
inline bool has_control_characters(bytes_view text) noexcept {
    while (!text.empty()) {
        const utf8_character first = first_character(text);
        if (first.kind == utf8_character::state::whole && is_control_character(first.code))
            return true;
        text = text.from(first.size);
    }
    return false;
}

} // namespace fairlead
