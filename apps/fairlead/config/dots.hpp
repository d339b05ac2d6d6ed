#pragma once

#include "config/setting.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace fairlead::command {

/// Returns where the dot stands that is one too many, of those outside of texts and comments. Each may nest a table, and toml++
/// 3.3 takes a stack frame for each level: a key of a hundred thousand parts would end the process.
std::optional<file_position> dot_beyond(std::string_view toml, std::size_t most);

} // namespace fairlead::command
