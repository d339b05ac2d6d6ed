#pragma once

#include "config/planned_listener.hpp"
#include "config/setting.hpp"

#include <memory>
#include <vector>

namespace fairlead::command {

/// Returns the contradictions between the listeners of a plan: two values for one port of WebSocket, and
/// one URL twice in a file.
std::vector<config_fault> find_conflicts(const std::vector<std::shared_ptr<planned_listener>>& listeners,
                                         const config_file& file);

} // namespace fairlead::command
