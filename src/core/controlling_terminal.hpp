#pragma once

#include <string_view>

namespace fairlead {

/// Returns true if /proc/PID/stat, whose content this is, says that the process has a controlling terminal (proc(5)).
bool has_terminal(std::string_view process_status) noexcept;

/// Returns true if this process has one, and if that cannot be read.
bool has_controlling_terminal() noexcept;

} // namespace fairlead
