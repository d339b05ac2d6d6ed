// Replaces the use of zlib in a build without it.

#include "core/missing_library.hpp"
#include "websocket/deflate.hpp"

namespace fairlead {

deflated_message::deflated_message(bytes_view, unsigned) {
    require_deflate();
}

deflated_message::~deflated_message() = default;

frame_error inflate_message(bytes_view, std::size_t, byte_buffer&) {
    require_deflate();
    return frame_error::wrong_compression;
}

void require_deflate() {
    refuse_without("compressed messages of WebSocket", "zlib", "zlib1g-dev", "FAIRLEAD_ZLIB");
}

} // namespace fairlead
