#pragma once

#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <string>

namespace fairlead::command {

/// Returns the command that starts a server at this URL.
std::string serve_command(const url& address);

/// `; start one with: fairlead serve echo --listen URL` where connecting has failed with `why` because no server runs, and
/// one could be started on this machine: at a Unix socket, `localhost`, or an address of the loopback. Else nothing.
std::string start_advice(const url& address, const error_code& why);

} // namespace fairlead::command
