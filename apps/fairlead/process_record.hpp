#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// The arguments of a process of `fairlead serve`, and its reaction to SIGHUP.
struct process_record {
    /// The effect of SIGHUP on the process.
    enum class hangup : unsigned char { reloads, stops_for_terminal, is_ignored };

    std::vector<std::string> arguments; ///< without the name of the program
    hangup on_hangup = hangup::reloads;

    /// Reads /proc/PID.
    ///
    /// Errors: throws std::runtime_error with advice if there is no such process, if it is none of `fairlead serve`, or if this user
    /// may not look at it.
    static process_record read(::pid_t pid);
};

/// Splits the content of /proc/PID/cmdline.
std::vector<std::string> split_arguments(const std::string& content);

/// Returns the effect of SIGHUP on the process with this /proc/PID/stat and this /proc/PID/status.
process_record::hangup hangup_of(const std::string& stat, const std::string& status);

} // namespace fairlead::command
