#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstdint>
#include <string>

namespace fairlead::command {

/// Returns a dissector for Wireshark, in Lua 5.2, which divides the TCP streams at a port by a framing with a text form.
///
/// `name` is that of the protocol in filters: lower-case letters, digits, `_` and `-`, a letter first.
/// Errors: throws std::invalid_argument for other names, and for WebSocket, which Wireshark dissects itself.
std::string lua_dissector(const framing& rules, std::uint16_t port, const std::string& name);

} // namespace fairlead::command
