#pragma once

#include "new/project.hpp"

#include <string>
#include <vector>

namespace fairlead::command {

/// A file of a new project.
struct project_file {
    std::string path; ///< relative to the directory of the project
    std::string text;
};

/// Returns the files of a project whose choices were checked, in the order of their paths.
///
/// Each choice has a layer of files: common, handler, framing, transport. A file of a later layer replaces one of the same path.
std::vector<project_file> files_of(const project& chosen);

} // namespace fairlead::command
