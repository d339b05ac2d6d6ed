#pragma once

#include "config/serve_plan.hpp"

#include <string>

namespace fairlead::command {

/// Returns where the setting of a listener stands that `fault` is about, by the options and values that it names; else the place of
/// the listener. Of several settings the last one.
file_position place_of(const std::string& fault, const planned_listener& listener);

} // namespace fairlead::command
