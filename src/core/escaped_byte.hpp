#pragma once

#include <string>

namespace fairlead {

/// Appends `\n`, `\r`, `\t`, `\\` by name, and every other byte as `\xHH`.
inline void append_escaped(std::string& line, unsigned char byte) {
    static constexpr char digits[] = "0123456789ABCDEF";
    switch (byte) {
    case '\n': line += "\\n"; return;
    case '\r': line += "\\r"; return;
    case '\t': line += "\\t"; return;
    case '\\': line += "\\\\"; return;
    default: break;
    }
    line += "\\x";
    line += digits[byte >> 4];
    line += digits[byte & 0x0F];
}

} // namespace fairlead
