#pragma once

#include "config/serve_plan.hpp"

#include <string>

namespace fairlead::command {

/// Returns a value as TOML has it: `100`, `"64KiB"`, `true`, `["a.pem", "b.pem"]`.
std::string to_toml(const effective_value& value);

/// Returns all values of a plan, one a line, as a file that means the same. Options without a value are named in comments.
std::string to_toml(const serve_plan& plan);

} // namespace fairlead::command
