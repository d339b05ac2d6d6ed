#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Answers each message with `text`, in which every `{message}` stands for what was received.
message_handler reply(std::string text);

} // namespace fairlead
