#pragma once

#include "config/setting.hpp"

#include <string>
#include <string_view>

namespace fairlead::command {

/// Reads a file of TOML (v1.0.0). Every value becomes a setting; `[[listen]]` tables are the only ones.
///
///     max-sessions = 100               name: max-sessions   values: 100
///
///     [[listen]]                       a listener
///     url = "tcp://127.0.0.1:9000"     name: url            values: tcp://127.0.0.1:9000
///
/// Errors: throws config_error with all faults, or with the first one that is no TOML; std::invalid_argument if the file
/// cannot be read or is larger than 1 MiB, and in a build without toml++.
config_file read_config(const std::string& path);

/// The same for text that was read already. `path` is for the error.
config_file parse_config(const std::string& path, std::string_view text);

} // namespace fairlead::command
