#pragma once

#include <fairlead/limits.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>

namespace fairlead::command {

/// An option for each limit of a listener.
void add_limit_options(CLI::App& command, limits& bounds);

/// Raises the limit of the process on descriptors to what it may ask for (RLIMIT_NOFILE, getrlimit(2)), and returns the
/// limit.
std::size_t raise_descriptor_limit() noexcept;

} // namespace fairlead::command
