#include "config/fault_place.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace fairlead::command {

namespace {

std::string underscored(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

bool is_part_of_word(char byte) {
    return byte == '_' || byte == '-' || (byte >= 'a' && byte <= 'z');
}

bool names(const std::string& text, const std::string& name) {
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !is_part_of_word(text[at - 1])) && (end == text.size() || !is_part_of_word(text[end])))
            return true;
    }
    return false;
}

bool is_about(const std::string& text, const setting& each) {
    constexpr std::size_t telling = 5; // shorter values stand in any text
    return names(text, "--" + each.name) ||
           (each.name.find('-') != each.name.npos && names(text, underscored(each.name))) ||
           (each.name == "framing" && text.starts_with("framing")) ||
           std::any_of(each.values.begin(), each.values.end(), [&](const std::string& value) {
               return value.size() >= telling && text.find(value) != text.npos;
           });
}

} // namespace

file_position place_of(const std::string& fault, const config_table& made) {
    std::optional<file_position> found;
    for (const setting& each : made.settings) {
        if (each.value_at && is_about(fault, each))
            found = found ? std::max(*found, *each.value_at) : *each.value_at;
    }
    return found.value_or(made.at);
}

} // namespace fairlead::command
