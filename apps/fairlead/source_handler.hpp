#pragma once

#include "source_options.hpp"

#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Makes the handler that sends messages in parts to each client, until it has sent all, the client leaves
/// or the server stops. A message that has begun is finished first, if the client takes it. Input from a
/// client is dropped.
handler source(const source_settings& settings);

} // namespace fairlead::command
