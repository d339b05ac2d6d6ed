#pragma once

#include "config/setting.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// What the command line of `serve` asks for.
struct command_line {
    std::optional<std::string> config = {}; ///< the file of `--config`
    std::string handler = {};               ///< empty: the file has it
    std::vector<setting> settings = {};
};

/// Returns what was given to `serving`, which has been parsed.
command_line collect(const CLI::App& serving);

} // namespace fairlead::command
