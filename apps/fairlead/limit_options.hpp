#pragma once

#include <fairlead/limits.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>

namespace fairlead::command {

/// Adds an option for each limit of a listener.
void add_limit_options(CLI::App& command, limits& bounds);

/// Raises the descriptor limit of the process to the hard limit (RLIMIT_NOFILE, getrlimit(2)), and returns
/// the limit that applies.
std::size_t raise_descriptor_limit() noexcept;

} // namespace fairlead::command
