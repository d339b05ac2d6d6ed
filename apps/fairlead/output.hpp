#pragma once

#include <string>

namespace fairlead::command {

/// Flushes stdout. Errors: throws std::runtime_error if some of the output could not be written.
void flush_output();

/// Prints a line at once. If that fails, logs the line as a warning: a server continues without its stdout.
void print_line(const std::string& line);

} // namespace fairlead::command
