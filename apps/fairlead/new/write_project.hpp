#pragma once

#include "new/project_files.hpp"

#include <filesystem>
#include <vector>

namespace fairlead::command {

/// Writes the files to a temporary directory beside `directory`, which then takes its name: a failure leaves nothing.
///
/// Errors: throws std::runtime_error, whose text names the path, if `directory` exists and is not an empty directory, and for
/// errors of the system.
void write_project(const std::filesystem::path& directory, const std::vector<project_file>& files);

} // namespace fairlead::command
