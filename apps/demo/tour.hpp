#pragma once

#include "servers.hpp"

namespace demo {

/// Shows on stdout how TCP joins and divides messages, and how Fairlead restores them. Returns true if
/// every reply was right.
///
/// Errors: throws std::system_error when a connection fails or a reply does not come.
bool show_tour(servers& running);

} // namespace demo
