#pragma once

#include <fairlead/handler.hpp>

#include <string>

namespace fairlead {

/// Answers each message with `text`, in which every `{message}` stands for what was received.
message_handler reply(std::string text);

} // namespace fairlead
