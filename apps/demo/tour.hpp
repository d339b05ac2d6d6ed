#pragma once

#include "servers.hpp"

namespace demo {

/// Shows on stdout what TCP does to messages and what Fairlead makes of it; whether every reply was right.
///
/// Errors: throws std::system_error when a connection fails or a reply does not come.
bool show_tour(servers& running);

} // namespace demo
