#pragma once

#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Makes the handler that receives messages in parts and drops them. It logs what each session has brought, at most ten lines a
/// second.
handler sink();

} // namespace fairlead::command
