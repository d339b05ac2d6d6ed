#pragma once

#include "config/setting.hpp"

#include <string>

namespace fairlead::command {

/// Returns the place of the setting that `fault` is about. A fault names options and values of a table, which say the setting; the
/// last one counts if it names several. Returns the place of the table if it names none.
file_position place_of(const std::string& fault, const config_table& made);

} // namespace fairlead::command
