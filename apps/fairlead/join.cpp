#include "join.hpp"

namespace fairlead::command {

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& each : words) {
        if (!text.empty())
            text += separator;
        text += each;
    }
    return text;
}

} // namespace fairlead::command
