#pragma once

#include <fairlead/framing/websocket.hpp>
#include <fairlead/websocket.hpp>

#include <cstddef>
#include <cstdint>

namespace fairlead {

/// The side of a connection. Frames of a client are masked, those of a server are not.
enum class websocket_role : std::uint8_t { server, client };

/// The rules of one side of a connection.
struct websocket_rules {
    websocket_role role = websocket_role::server;
    websocket_messages messages = websocket_messages::binary;
    std::size_t max_message = 1u << 20;       ///< bytes of one message, in both directions
    std::uint64_t max_in_parts = max_message; ///< the same for a message in parts; at least `max_message`
    unsigned deflate_window =
        0; ///< for messages that are sent compressed (RFC 7692): 9 to 15; 0: no compression was agreed on
};

inline websocket_rules rules_of(const websocket& messages, websocket_role role, unsigned deflate_window) noexcept {
    return {.role = role,
            .messages = messages.messages(),
            .max_message = messages.max_message(),
            .max_in_parts = messages.max_in_parts(),
            .deflate_window = deflate_window};
}

} // namespace fairlead
