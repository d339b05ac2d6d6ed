#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstddef>

namespace fairlead {

/// Implements `encode` for a framing whose frame is a header and then the message: appends both, or nothing.
template <frames_by_header F>
result<void> encode_by_header(F& framing, bytes_view message, byte_buffer& output) {
    const std::size_t before = output.size();
    const auto written = framing.encode_header(message, output);
    if (!written)
        return written;
    try {
        output.append(message);
    } catch (...) {
        output.truncate(before);
        if (output.empty())
            output.release();
        throw;
    }
    return {};
}

} // namespace fairlead
