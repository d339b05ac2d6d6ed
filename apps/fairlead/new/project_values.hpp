#pragma once

#include "new/placeholders.hpp"
#include "new/project.hpp"

namespace fairlead::command {

/// Returns the values of all placeholders for a project whose choices were checked.
template_values values_for(const project& chosen);

} // namespace fairlead::command
