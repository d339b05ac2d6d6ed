#pragma once

#include "config/setting.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace fairlead::command {

/// Gives the option the value of a setting, as the command line would. Returns why it does not take it: `max-sessions: …`.
std::optional<std::string> apply(const setting& made, CLI::Option& option);

} // namespace fairlead::command
