#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace fairlead::command {

/// What is logged, and in which form.
struct log_options {
    std::string level = "info";
    std::string format = "text";

    /// Makes it so, also while the server runs.
    void apply() const;
};

/// `--log-level LEVEL` and `--log-format FORMAT`.
void add_log_options(CLI::App& command, log_options& options);

} // namespace fairlead::command
