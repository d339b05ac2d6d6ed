#include <fairlead/printable.hpp>

#include "core/control_character.hpp"
#include "core/escaped_byte.hpp"

#include <fairlead/utf8.hpp>

#include <cstddef>
#include <utility>

namespace fairlead {

namespace {

enum class verdict { shown, escaped, incomplete };

struct character {
    std::size_t size;
    verdict kind;
};

character first_of(bytes_view text) noexcept {
    using enum utf8_character::state;
    const utf8_character first = first_character(text);
    if (first.kind == incomplete)
        return {first.size, verdict::incomplete};
    const bool shown = first.kind == whole && !is_control_character(first.code);
    return {first.size, shown ? verdict::shown : verdict::escaped};
}

// Returns the number of bytes at the beginning that are shown unchanged: printable ASCII without
// backslashes, the most common case.
std::size_t plain_run(bytes_view text) noexcept {
    std::size_t size = 0;
    for (const unsigned char byte : text) {
        if (byte < 0x20 || byte > 0x7E || byte == '\\')
            break;
        ++size;
    }
    return size;
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
        if (const std::size_t plain = plain_run(message)) {
            line += message.first(plain).text();
            message = message.from(plain);
            continue;
        }
        const character first = first_of(message);
        const bytes_view bytes = message.first(first.size);
        if (first.kind == verdict::shown && bytes[0] != '\\')
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
        if (const std::size_t plain = plain_run(rest)) {
            shown += rest.first(plain).text();
            rest = rest.from(plain);
            continue;
        }
        const character first = first_of(rest);
        const bytes_view bytes = rest.first(first.size);
        const bool last = first.size == rest.size();
        if (first.kind == verdict::incomplete || (bytes == "\r" && last))
            held_ = to_string(bytes);
        else if (first.kind == verdict::shown || bytes == "\n" || bytes == "\t")
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
