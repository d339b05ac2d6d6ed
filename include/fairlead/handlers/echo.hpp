#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that sends each message back, after `prefix`.
///
///     server.listen("tcp://127.0.0.1:9000", line{}, echo("you said: "));      // hi → you said: hi
message_handler echo(std::string prefix = {});

} // namespace fairlead
