#pragma once

#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// Places that a confined process may use beside those of the system.
struct allowed_places {
    std::vector<std::string> files = {}; ///< directories in which it may make, change and remove files and directories
    std::vector<std::string> sockets = {};  ///< directories in which it may make and remove Unix sockets
    std::vector<std::string> readable = {}; ///< files that it may read
};

/// Prevents programs that this process starts from getting more rights than it has (PR_SET_NO_NEW_PRIVS).
///
/// Errors: throws std::system_error.
/// Thread safety: holds for the calling thread and for those that it starts later; likewise `confine`.
void give_up_new_privileges();

/// Confines the process by Landlock (landlock(7)); call `give_up_new_privileges` first. The process can use
/// only the files in `allowed`, and read the system files for name look-ups, time zones and system limits
/// (`readable` in confinement.cpp). Open files stay usable. A place that cannot be opened is left out.
///
/// Returns nullopt, or the reason why it failed; the process is not confined then.
std::optional<std::string> confine(const allowed_places& allowed);

} // namespace fairlead::command
