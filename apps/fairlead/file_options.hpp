#pragma once

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

    /// Returns the options of the receiver, with the policy `existing`.
    file_receiver_options settings() const;
};

void add_file_options(CLI::App& command, file_options& options);

} // namespace fairlead::command
