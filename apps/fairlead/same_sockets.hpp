#pragma once

#include <fairlead/url.hpp>

namespace fairlead::command {

/// Returns true if a listener at one URL can take over the sockets of one at the other.
bool have_the_same_sockets(const url& one, const url& other);

/// Returns true for URLs of WebSocket with the same scheme, host and port.
bool are_paths_of_one_port(const url& one, const url& other);

} // namespace fairlead::command
