#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Returns a copy with `a`…`z` replaced by `A`…`Z`. All other bytes, also those of UTF-8, stay, in every locale.
///
///     const std::string upper = to_upper("grüße 7");      // GRüßE 7
std::string to_upper(bytes_view bytes);

/// Returns a handler that answers each message with `to_upper(message)`.
message_handler uppercase();

} // namespace fairlead
