#pragma once

#include "config/command_line.hpp"
#include "config/planned_listener.hpp"
#include "config/setting.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::command {

/// The plan of a server, made from the command line and the configuration.
struct serve_plan {
    std::string path; ///< of the configuration; empty: none
    std::unique_ptr<planned_process> process;
    std::vector<std::shared_ptr<planned_listener>> listeners; ///< shared: those that a reload adds outlive the plan
    std::vector<config_fault> faults;                         ///< of single settings in the file; see `check`
};

/// Reads the configuration, if there is one, and combines it with the command line. A setting of the
/// command line takes precedence over one of a `[[listen]]` table, and this over one of the file as a
/// whole. A table inherits the settings that suit its URLs and its handler. Settings that no option takes
/// are among `faults`; call `check` next.
///
/// Errors: throws std::invalid_argument for the command line; as `read_config`.
serve_plan make_plan(const command_line& given);

} // namespace fairlead::command
