#pragma once

#include <CLI/CLI.hpp>

#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// A user's number, or the name that the system's user database has for one (getpwnam(3)).
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
::uid_t parse_user(std::string_view text);

/// `--unix-mode MODE` and `--unix-user USER…`.
void add_unix_options(CLI::App& command, ::mode_t& mode, std::vector<::uid_t>& users);

} // namespace fairlead::command
