#pragma once

#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>

namespace fairlead::command {

/// The handler `source` of `serve`.
struct source_settings {
    std::size_t size = 64 * 1024;
    std::size_t messages = 0; ///< 0: until the client leaves
    std::string content = "zero";

    bool is_random() const { return content == "random"; }

    /// Checks that a framing can carry the messages.
    ///
    /// Errors: throws std::invalid_argument with advice.
    void check(framing rules) const;
};

void add_source_options(CLI::App& command, source_settings& options);

} // namespace fairlead::command
