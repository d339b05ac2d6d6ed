#pragma once

#include <string>
#include <string_view>

namespace fairlead::command {

/// Returns the bytes of a text of two hexadecimal digits each, with or without spaces between them: `68 65 6c`, `68656c`.
///
/// Errors: throws std::invalid_argument for any other text.
std::string read_hexadecimal(std::string_view text);

} // namespace fairlead::command
