#pragma once

#include <string>

namespace fairlead::command {

/// Hands what was printed to the system. Errors: throws std::runtime_error when some of it could not be written.
void flush_output();

/// Prints a line at once. What cannot be printed is said in the log: a server whose output goes nowhere serves all the same.
void print_line(const std::string& line);

} // namespace fairlead::command
