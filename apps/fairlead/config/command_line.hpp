#pragma once

#include "config/setting.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// The options and the handler of the command line of `serve`.
struct command_line {
    std::optional<std::string> config = {}; ///< the file of `--config`
    std::string handler = {};               ///< empty: the file has it
    std::vector<setting> settings = {};
};

/// Returns the command line that `serving` has parsed.
command_line collect(const CLI::App& serving);

} // namespace fairlead::command
