#pragma once

#include "config/command_line.hpp"
#include "config/planned_listener.hpp"
#include "config/setting.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::command {

/// What a server does: the command line, and the configuration below it.
struct serve_plan {
    std::string path; ///< of the configuration; empty: none
    std::unique_ptr<planned_process> process;
    std::vector<std::shared_ptr<planned_listener>> listeners; ///< shared: those that a reload adds stay
    std::vector<config_fault> faults;                         ///< of single settings in the file; see `check`
};

/// Reads the configuration, if there is one, and lays the command line over it. A setting of the command line comes before that of
/// a `[[listen]]` table, and that before one of the file as a whole. A table takes over those settings that suit its URLs and its
/// handler. Settings that no option takes are among `faults`; `check` follows.
///
/// Errors: throws std::invalid_argument for the command line; as `read_config`.
serve_plan make_plan(const command_line& given);

} // namespace fairlead::command
