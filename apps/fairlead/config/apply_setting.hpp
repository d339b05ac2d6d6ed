#pragma once

#include "config/setting.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace fairlead::command {

/// Sets the option to the value of a setting, as the command line would. Returns the reason if the option
/// refuses it: `max-sessions: …`.
std::optional<std::string> apply(const setting& made, CLI::Option& option);

} // namespace fairlead::command
