#pragma once

#include <string>
#include <vector>

namespace demo {

/// Visits the chat at a WebSocket URL as Bob, sends a line, and returns the lines received, with Bob's own line last.
///
/// Errors: throws std::runtime_error when the server does not answer within five seconds.
std::vector<std::string> visit_chat(const std::string& url, const std::string& line);

} // namespace demo
