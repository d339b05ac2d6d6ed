#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace fairlead::command {

/// The level and the form of the log.
struct log_options {
    std::string level = "info";
    std::string format = "text";

    /// Applies the options, also while the server runs.
    void apply() const;
};

/// `--log-level LEVEL` and `--log-format FORMAT`.
void add_log_options(CLI::App& command, log_options& options);

} // namespace fairlead::command
