#pragma once

#include <string>

namespace fairlead::command {

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

} // namespace fairlead::command
