#pragma once

#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Makes the handler that receives messages in parts and drops them. It logs the messages and bytes of each
/// session, at most ten lines a second on average.
handler sink();

} // namespace fairlead::command
