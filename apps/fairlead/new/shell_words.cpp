#include "new/shell_words.hpp"

#include <algorithm>
#include <string_view>

namespace fairlead::command {

namespace {

bool is_plain_in_shell(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"0123456789-_./:+,="}.find(c) != std::string_view::npos;
}

} // namespace

std::string shell_word(const std::string& text) {
    if (!text.empty() && std::ranges::all_of(text, is_plain_in_shell))
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return quoted + '\'';
}

std::string shell_words(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& each : all)
        text += (text.empty() ? "" : " ") + shell_word(each);
    return text;
}

} // namespace fairlead::command
