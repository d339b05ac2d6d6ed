#include "base/printable.hpp"

#include "base/escaped_byte.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace fairlead {

namespace {

enum class verdict { shown, escaped, incomplete };

struct character {
    std::size_t size;
    verdict what;
};

bool commands_terminals(std::uint32_t code) noexcept {
    return (code >= 0x80 && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// RFC 3629: the shortest form only, no surrogates, nothing above U+10FFFF.
bool is_character(std::uint32_t code, std::size_t size) noexcept {
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[size] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::size_t size_announced_by(unsigned char lead) noexcept {
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

character first_of(bytes_view text) noexcept {
    const unsigned char lead = text[0];
    const std::size_t size = size_announced_by(lead);
    if (size == 0)
        return {1, verdict::escaped};
    if (size == 1)
        return {1, lead >= 0x20 && lead != 0x7F ? verdict::shown : verdict::escaped};
    std::uint32_t code = lead & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if (i == text.size())
            return {i, verdict::incomplete};
        if ((text[i] & 0xC0u) != 0x80)
            return {1, verdict::escaped};
        code = code << 6 | (text[i] & 0x3Fu);
    }
    if (!is_character(code, size))
        return {1, verdict::escaped};
    return {size, commands_terminals(code) ? verdict::escaped : verdict::shown};
}

void append_all_escaped(std::string& line, bytes_view bytes) {
    for (unsigned char byte : bytes)
        append_escaped(line, byte);
}

} // namespace

std::string printable(bytes_view message) {
    std::string line;
    line.reserve(message.size());
    while (!message.empty()) {
        const character first = first_of(message);
        const bytes_view bytes = message.first(first.size);
        if (first.what == verdict::shown && bytes[0] != '\\')
            line += bytes.text();
        else
            append_all_escaped(line, bytes);
        message = message.from(first.size);
    }
    return line;
}

std::string hexadecimal(bytes_view message) {
    constexpr char digits[] = "0123456789abcdef";
    std::string line;
    line.reserve(message.size() * 3);
    for (unsigned char byte : message) {
        if (!line.empty())
            line += ' ';
        line += digits[byte >> 4];
        line += digits[byte & 0x0F];
    }
    return line;
}

std::string printable_stream::next(bytes_view piece) {
    const std::string input = std::exchange(held_, {}).append(piece.text());
    std::string shown;
    shown.reserve(input.size());
    for (bytes_view rest = input; !rest.empty();) {
        const character first = first_of(rest);
        const bytes_view bytes = rest.first(first.size);
        const bool last = first.size == rest.size();
        if (first.what == verdict::incomplete || (bytes == "\r" && last))
            held_ = to_string(bytes);
        else if (first.what == verdict::shown || bytes == "\n" || bytes == "\t")
            shown += bytes.text();
        else if (bytes != "\r" || rest[1] != '\n')
            append_all_escaped(shown, bytes);
        rest = rest.from(first.size);
    }
    return shown;
}

std::string printable_stream::end() {
    std::string shown;
    append_all_escaped(shown, std::exchange(held_, {}));
    return shown;
}

} // namespace fairlead
