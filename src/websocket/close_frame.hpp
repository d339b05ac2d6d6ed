#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/websocket.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

/// The content of a Close frame.
///
///     payload:  empty, or  | code, 2 bytes | reason, UTF-8, up to 123 bytes |
struct close_notice {
    std::uint16_t code = 0; ///< 0: the frame has none
    std::string reason = {};
};

/// Returns true for codes that a Close frame may have: 1000 to 1003, 1007 to 1014, 3000 to 4999.
bool is_close_code(std::uint16_t code) noexcept;

/// Returns true if the peer closed because of an error.
bool is_error(const close_notice& notice) noexcept;

/// Returns the payload of a Close frame. The reason is cut between characters.
std::string close_payload(std::uint16_t code, std::string_view reason);

/// Returns one line: `the peer closed the WebSocket with 1009 (message_too_large): too big`
std::string describe(const close_notice& notice);

} // namespace fairlead
