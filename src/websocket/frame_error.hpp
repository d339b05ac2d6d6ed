#pragma once

#include <fairlead/error.hpp>
#include <fairlead/websocket.hpp>

#include <cstdint>

namespace fairlead {

/// The errors in the frames of a peer.
enum class frame_error : std::uint8_t {
    none,
    not_masked,           ///< a client's frame
    masked,               ///< a server's frame
    reserved_bits,        ///< set, and no agreed extension defines them
    unknown_kind,         ///< an opcode without a meaning
    control_too_large,    ///< more than 125 bytes
    control_fragmented,   ///< a control frame in fragments
    nothing_to_continue,  ///< a continuation without a message
    message_not_finished, ///< a new message inside another
    wrong_length,         ///< not in the shortest form, or of 2⁶³ bytes and more
    wrong_close,          ///< a Close frame with one byte, or a code that none may have
    not_utf8,             ///< text
    binary_refused,       ///< text is expected
    message_too_large,    ///< more than `websocket_rules::max_message`
    wrong_compression,    ///< a compressed message that cannot be inflated
};

/// Returns the code of the Close frame that answers an error.
websocket_close close_code_of(frame_error why) noexcept;

/// Returns the error of a session: `errc::message_too_large` or `errc::malformed`.
errc errc_of(frame_error why) noexcept;

/// Returns one sentence without a full stop: the error and the remedy.
const char* explain(frame_error why) noexcept;

} // namespace fairlead
