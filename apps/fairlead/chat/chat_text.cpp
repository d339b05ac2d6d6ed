#include "chat/chat_text.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>

namespace fairlead::command {

namespace {

bool is_name_character(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '-' || each == '_';
}

std::string_view without_spaces(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

} // namespace

std::string chat_line(bytes_view message) {
    printable_stream stream;
    std::string line = stream.next(message);
    line += stream.end();
    const auto is_break = [](char each) { return each == '\n' || each == '\t'; };
    std::replace_if(line.begin(), line.end(), is_break, ' ');
    return line;
}

bool is_chat_name(std::string_view name) {
    return !name.empty() && name.size() <= max_chat_name && std::all_of(name.begin(), name.end(), is_name_character);
}

chat_command parse_chat_command(std::string_view line) {
    if (!line.starts_with('/'))
        return {};
    const auto end = std::min(line.find(' '), line.size());
    return {.name = line.substr(1, end - 1), .argument = without_spaces(line.substr(end))};
}

} // namespace fairlead::command
