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

/// No program that this process starts gets more rights than it has (PR_SET_NO_NEW_PRIVS).
///
/// Errors: throws std::system_error.
/// Thread safety: holds for the calling thread and for those that it starts later; likewise `confine`.
void give_up_new_privileges();

/// Confines the process by Landlock (landlock(7)), after `give_up_new_privileges`: of all files it can use those in
/// `allowed` only, and read beside them what name look-ups, time zones and limits of the system need (`readable` in
/// confinement.cpp). What is open already stays usable. A place that cannot be opened is left out.
///
/// Returns why it could not, or nothing. The process is as free as before then.
std::optional<std::string> confine(const allowed_places& allowed);

} // namespace fairlead::command
