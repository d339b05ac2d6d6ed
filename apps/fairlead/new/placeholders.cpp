#include "new/placeholders.hpp"

#include <stdexcept>

namespace fairlead::command {

std::string fill(std::string_view text, const template_values& values) {
    std::string filled;
    for (;;) {
        const std::size_t begin = text.find('@');
        filled += text.substr(0, begin);
        if (begin == text.npos)
            return filled;
        const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", begin + 1);
        if (end == text.npos || text[end] != '@' || end == begin + 1) { // such as user@example.org
            filled += '@';
            text.remove_prefix(begin + 1);
            continue;
        }
        const std::string_view name = text.substr(begin + 1, end - begin - 1);
        const auto value = values.find(name);
        if (value == values.end())
            throw std::logic_error{"a template has the placeholder " + std::string{name} + ", which has no value"};
        filled += value->second;
        text.remove_prefix(end + 1);
    }
}

} // namespace fairlead::command
