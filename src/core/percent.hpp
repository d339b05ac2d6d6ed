#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead {

/// Returns the text with a byte for each `%HH` (RFC 3986, section 2.1); any other `%` stands for itself.
inline std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned char byte = 0;
        const char* const digits = text.data() + at + 1;
        const bool encoded =
            text[at] == '%' && at + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        decoded += encoded ? static_cast<char>(byte) : text[at];
        at += encoded ? 2 : 0;
    }
    return decoded;
}

} // namespace fairlead
