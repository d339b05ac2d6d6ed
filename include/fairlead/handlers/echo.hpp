#pragma once

#include <fairlead/handler.hpp>

#include <string>

namespace fairlead {

/// Sends each message back, behind `prefix`.
message_handler echo(std::string prefix = {});

} // namespace fairlead
