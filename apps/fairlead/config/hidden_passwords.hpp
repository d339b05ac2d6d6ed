#pragma once

#include <string>

namespace fairlead::command {

/// Hides passwords and tokens in the URLs of a text: `topics = "nats://ann:***@broker"`.
std::string without_passwords(std::string text);

} // namespace fairlead::command
