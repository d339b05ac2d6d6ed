#pragma once

#include "user_change.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// `--unix-mode MODE` and `--unix-user USER…`.
void add_unix_options(CLI::App& command, ::mode_t& mode, std::vector<::uid_t>& users);

/// `--user NAME[:GROUP]`.
void add_user_option(CLI::App& command, std::optional<user_identity>& user);

} // namespace fairlead::command
