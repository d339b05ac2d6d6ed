#include "config/dots.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

bool is_quote(char byte) {
    return byte == '"' || byte == '\'';
}

// The bytes of a text from its first quote to its last one, or to the end of the line if it has none.
std::size_t size_of_text(std::string_view rest) {
    const char quote = rest[0];
    const std::string_view three = rest.substr(0, 3);
    const bool has_lines = three == "\"\"\"" || three == "'''";
    const std::string_view end = has_lines ? three : three.substr(0, 1);
    for (std::size_t at = end.size(); at < rest.size(); ++at) {
        if (quote == '"' && rest[at] == '\\')
            ++at;
        else if (rest[at] == '\n' && !has_lines)
            return at;
        else if (rest.substr(at, end.size()) == end)
            return at + end.size();
    }
    return rest.size();
}

file_position position_at(std::string_view text, std::size_t offset) {
    file_position found;
    for (const char each : text.substr(0, offset)) {
        found.column = each == '\n' ? 1 : found.column + 1;
        found.line += each == '\n' ? 1 : 0;
    }
    return found;
}

} // namespace

std::optional<file_position> dot_beyond(std::string_view toml, std::size_t most) {
    std::size_t dots = 0;
    for (std::size_t at = 0; at < toml.size(); ++at) {
        if (is_quote(toml[at]))
            at += size_of_text(toml.substr(at)) - 1;
        else if (toml[at] == '#')
            at = std::min(toml.find('\n', at), toml.size());
        else if (toml[at] == '.' && ++dots > most)
            return position_at(toml, at);
    }
    return std::nullopt;
}

} // namespace fairlead::command
