#pragma once

#include <string>

namespace fairlead {

/// One line for the logger; here so that only one file pays for the logging library's headers.
void log_info(const std::string& line);
void log_warning(const std::string& line);
void log_error(const std::string& line);

} // namespace fairlead
