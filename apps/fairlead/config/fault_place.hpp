#pragma once

#include "config/serve_plan.hpp"

#include <string>

namespace fairlead::command {

/// Returns the place of the setting that `fault` is about. A fault names options and values of a listener, which say the setting; the
/// last one counts if it names several. Returns the place of the listener if it names none.
file_position place_of(const std::string& fault, const planned_listener& listener);

} // namespace fairlead::command
