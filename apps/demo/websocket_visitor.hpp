#pragma once

#include <string>
#include <vector>

namespace demo {

/// Visits the chat at a URL of WebSocket as Bob, says a line, and gives all lines that came, that one last.
///
/// Errors: throws std::runtime_error when the server does not answer within five seconds.
std::vector<std::string> visit_chat(const std::string& url, const std::string& line);

} // namespace demo
