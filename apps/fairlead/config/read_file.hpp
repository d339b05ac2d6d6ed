#pragma once

#include <string>

namespace fairlead::command {

/// Returns the content of a file of configuration.
///
/// Errors: throws std::invalid_argument, whose text names the file and the reason, if it cannot be read, is a directory or is
/// larger than 1 MiB.
std::string read_file(const std::string& path);

} // namespace fairlead::command
