#pragma once

#include <string>
#include <vector>

namespace fairlead::command {

/// True if an option of listeners can have an effect on one with these URLs and this handler: options of TLS at `tls://` alone,
/// those of UDP at `udp://`, and so on. URLs that are none suit everything.
bool suits(const std::string& option, const std::vector<std::string>& urls, const std::string& handler);

} // namespace fairlead::command
