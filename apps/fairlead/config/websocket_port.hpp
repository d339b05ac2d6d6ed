#pragma once

#include <string>
#include <vector>

namespace fairlead::command {

/// Returns true if both lists have a WebSocket URL with the same scheme, host and port. Such URLs are paths
/// of one listener.
bool share_a_websocket_port(const std::vector<std::string>& some, const std::vector<std::string>& others);

/// Returns true for an option that has one value for all paths of a port: limits, TLS, proxies, origins and files.
bool is_of_port(const std::string& option);

} // namespace fairlead::command
