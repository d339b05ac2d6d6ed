#include <fairlead/bytes.hpp>

namespace fairlead {

namespace {

void append_escaped(std::string& line, unsigned char byte) {
    static constexpr char digits[] = "0123456789ABCDEF";
    switch (byte) {
    case '\n': line += "\\n"; return;
    case '\r': line += "\\r"; return;
    case '\t': line += "\\t"; return;
    case '\\': line += "\\\\"; return;
    default: break;
    }
    if (byte >= 0x20 && byte < 0x7F) {
        line += static_cast<char>(byte);
        return;
    }
    line += "\\x";
    line += digits[byte >> 4];
    line += digits[byte & 0x0F];
}

} // namespace

std::string escape(bytes_view bytes, std::size_t limit) {
    std::string line;
    for (unsigned char byte : bytes.first(limit))
        append_escaped(line, byte);
    if (bytes.size() > limit)
        line += "... (" + std::to_string(bytes.size() - limit) + " more)";
    return line;
}

} // namespace fairlead
