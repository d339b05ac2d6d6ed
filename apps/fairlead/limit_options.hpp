#pragma once

#include <fairlead/server.hpp>

#include <CLI/CLI.hpp>

namespace fairlead::command {

/// An option for each limit of a server.
void add_limit_options(CLI::App& command, server_options& server);

/// Lets the process open as many descriptors as it may ask for itself (the hard limit of RLIMIT_NOFILE, getrlimit(2)).
void raise_descriptor_limit() noexcept;

} // namespace fairlead::command
