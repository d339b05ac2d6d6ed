#pragma once

#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Makes the handler that receives messages in parts and drops them. It logs what each session has brought, ten lines a second
/// on average.
handler sink();

} // namespace fairlead::command
