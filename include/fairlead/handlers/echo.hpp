#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Sends each message back, behind `prefix`.
message_handler echo(std::string prefix = {});

} // namespace fairlead
