#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that answers each message with `text`, after replacing every `{message}` in it by the received message.
///
///     server.listen("tcp://127.0.0.1:9000", line{}, reply("{message} received"));      // 7 → 7 received
message_handler reply(std::string text);

} // namespace fairlead
