#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that sends each message back, after `prefix`.
///
///     echo("you said: ")      // "hi" is answered with "you said: hi"
message_handler echo(std::string prefix = {});

} // namespace fairlead
