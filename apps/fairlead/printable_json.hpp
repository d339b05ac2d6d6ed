#pragma once

#include <string>
#include <string_view>

namespace fairlead::command {

/// JSON text that means the same, where all that `printable` would not show as it is stands as \uXXXX: printed to a terminal,
/// the text gives a peer no power over it. Everything below U+0020 is escaped in JSON anyway.
std::string printable_json(std::string_view json);

} // namespace fairlead::command
