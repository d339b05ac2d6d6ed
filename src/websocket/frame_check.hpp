#pragma once

#include "core/utf8_check.hpp"
#include "websocket/close_frame.hpp"
#include "websocket/frame.hpp"
#include "websocket/frame_error.hpp"
#include "websocket/websocket_rules.hpp"

#include <fairlead/bytes.hpp>

#include <cstdint>

namespace fairlead {

/// Returns true if the frame begins a compressed message and is allowed to: compression was agreed on, and only
/// the first frame of a message has the bit (RFC 7692, section 6.1).
inline bool begins_compressed(const frame_header& header, const websocket_rules& rules) noexcept {
    const frame_kind kind{header.kind};
    return rules.deflate_window != 0 && header.reserved == compressed_bit &&
           (kind == frame_kind::text || kind == frame_kind::binary);
}

/// Checks the first two bytes of a frame and returns the error. `inside`: a message in fragments has begun.
inline frame_error check_start(const frame_header& header, const websocket_rules& rules, bool inside) noexcept {
    if (header.reserved != 0 && !begins_compressed(header, rules))
        return frame_error::reserved_bits;
    if ((header.kind & 7u) > 2)
        return frame_error::unknown_kind;
    if (header.masked != (rules.role == websocket_role::server))
        return header.masked ? frame_error::masked : frame_error::not_masked;
    const frame_kind kind{header.kind};
    if (is_control(kind)) {
        if (!header.last)
            return frame_error::control_fragmented;
        return header.short_size > max_control_payload ? frame_error::control_too_large : frame_error::none;
    }
    if (inside != (kind == frame_kind::continuation))
        return inside ? frame_error::message_not_finished : frame_error::nothing_to_continue;
    if (kind == frame_kind::binary && rules.messages == websocket_messages::text)
        return frame_error::binary_refused;
    return frame_error::none;
}

/// Returns true if the size is in its shortest form and below 2⁶³. The header is whole.
inline bool is_shortest(const frame_header& header) noexcept {
    return header.short_size < 126 || (header.short_size == 126 && header.size >= 126) ||
           (header.short_size == 127 && header.size > 0xFFFF && header.size >> 63 == 0);
}

/// Checks the payload of a Close frame and returns the error.
inline frame_error check_close(bytes_view payload) noexcept {
    if (payload.empty())
        return frame_error::none;
    if (payload.size() == 1 || !is_close_code(static_cast<std::uint16_t>(payload[0] << 8 | payload[1])))
        return frame_error::wrong_close;
    return is_utf8(payload.from(2)) ? frame_error::none : frame_error::not_utf8;
}

} // namespace fairlead
