#pragma once

#include <string>
#include <vector>

namespace fairlead::command {

/// True if URLs of WebSocket among both lists have the same scheme, host and port. They are paths of one listener then.
bool share_a_websocket_port(const std::vector<std::string>& some, const std::vector<std::string>& others);

/// True for an option of which a port has one value, whatever its paths are: limits, TLS, proxies, origins and files.
bool is_of_port(const std::string& option);

} // namespace fairlead::command
