#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// Returns the words with the separator between each two.
std::string join(const std::vector<std::string>& words, std::string_view separator);

} // namespace fairlead::command
