#include <fairlead/framing/websocket.hpp>

#include "core/utf8_check.hpp"
#include "framing/require.hpp"
#include "websocket/deflate.hpp"

namespace fairlead {

websocket::websocket(websocket_options options) : options_{options} {
    require(options_.max_message > 0, "a WebSocket message has at least 1 byte of room (max_message)");
    require(max_in_parts() >= options_.max_message, "max_in_parts " + std::to_string(max_in_parts()) +
                                                        " is below max_message " +
                                                        std::to_string(options_.max_message));
    if (options_.deflate)
        require_deflate();
}

result<decoded> websocket::decode(bytes_view) {
    return errc::malformed;
}

result<decoded> websocket::finish(bytes_view) {
    return errc::malformed;
}

result<void> websocket::encode(bytes_view message, byte_buffer& output) {
    if (message.size() > options_.max_message)
        return errc::message_too_large;
    if (options_.messages == websocket_messages::text && !is_utf8(message))
        return errc::malformed;
    output.append(message);
    return {};
}

std::string websocket::explain(error_code why, bytes_view) const {
    return why.message() + "; websocket{} is for URLs of ws:// and wss:// alone";
}

std::string websocket::to_string() const {
    return std::string{"websocket"} + (options_.messages == websocket_messages::text ? ":text" : "") +
           (options_.deflate ? ":deflate" : "");
}

} // namespace fairlead
