#pragma once

#include "support/websocket_frames.hpp"
#include "websocket/deflate.hpp"

#include <string>
#include <string_view>

namespace fairlead::test {

inline std::string deflated(std::string_view message, unsigned window = max_deflate_window) {
    return to_string(deflated_message{message, window}.bytes());
}

/// The first frame of a client's compressed message.
inline std::string compressed_frame(frame_kind kind, std::string_view payload, bool last = true) {
    return raw_frame(static_cast<unsigned>(kind), payload, {.last = last, .reserved = compressed_bit});
}

} // namespace fairlead::test
