#pragma once

#include <fairlead/handler.hpp>
#include <fairlead/handlers/file_receiver.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace fairlead::command {

struct file_options {
    file_receiver_options receiver;
    std::string existing = "reject";
    std::string protocol = "framed";
    std::string separator = "<SEPARATOR>";

    bool framed() const { return protocol == "framed"; }

    /// The handler that is asked for. Errors: throws what `file_receiver` throws.
    handler make() const;
};

void add_file_options(CLI::App& command, file_options& options);

} // namespace fairlead::command
