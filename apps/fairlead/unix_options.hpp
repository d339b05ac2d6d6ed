#pragma once

#include <CLI/CLI.hpp>

#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// `0660`, `660`: permissions in octal.
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
::mode_t parse_mode(std::string_view text);

/// A user's number, or the name that the system's user database has for one (getpwnam(3)).
///
/// Errors: as `parse_mode`.
::uid_t parse_user(std::string_view text);

/// `--unix-mode MODE` and `--unix-user USER…`.
void add_unix_options(CLI::App& command, ::mode_t& mode, std::vector<::uid_t>& users);

} // namespace fairlead::command
