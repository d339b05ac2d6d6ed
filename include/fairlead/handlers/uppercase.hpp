#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// The bytes with `a`…`z` made `A`…`Z`; all others, UTF-8 among them, as they are, whatever the locale.
std::string to_upper(bytes_view bytes);

/// Sends each message back in upper case, by `to_upper`.
message_handler uppercase();

} // namespace fairlead
