#include "websocket/frame_error.hpp"

namespace fairlead {

websocket_close close_code_of(frame_error why) noexcept {
    switch (why) {
    case frame_error::not_utf8: return websocket_close::not_utf8;
    case frame_error::binary_refused: return websocket_close::unsupported;
    case frame_error::message_too_large: return websocket_close::message_too_large;
    default: return websocket_close::protocol_error;
    }
}

errc errc_of(frame_error why) noexcept {
    return why == frame_error::message_too_large ? errc::message_too_large : errc::malformed;
}

const char* explain(frame_error why) noexcept {
    switch (why) {
    case frame_error::none: break;
    case frame_error::not_masked: return "a WebSocket frame of the client is not masked; the client must mask all";
    case frame_error::masked: return "a WebSocket frame of the server is masked; only those of clients may be";
    case frame_error::reserved_bits:
        return "a WebSocket frame has reserved bits set that no agreed extension explains; switch compression off at "
               "the "
               "peer, or agree on it (websocket_options::deflate)";
    case frame_error::unknown_kind: return "a WebSocket frame has an opcode without a meaning";
    case frame_error::control_too_large: return "a WebSocket control frame has more than 125 bytes";
    case frame_error::control_fragmented: return "a WebSocket control frame is fragmented; none may be";
    case frame_error::nothing_to_continue: return "a WebSocket continuation frame continues no message";
    case frame_error::message_not_finished: return "a WebSocket message begins before the last one has ended";
    case frame_error::wrong_length: return "the length of a WebSocket frame is not in its shortest form, or too large";
    case frame_error::wrong_close: return "a WebSocket Close frame has a code that none may have";
    case frame_error::not_utf8: return "a WebSocket text message is not UTF-8; send other bytes as binary";
    case frame_error::binary_refused: return "a binary WebSocket message came, but only text is accepted; send text";
    case frame_error::message_too_large:
        return "a WebSocket message is larger than max_message; send less in one, or raise max_message";
    case frame_error::wrong_compression:
        return "a compressed WebSocket message cannot be inflated; the peer must compress each message by itself";
    }
    return "no error";
}

} // namespace fairlead
