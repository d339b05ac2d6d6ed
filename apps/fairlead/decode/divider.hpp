#pragma once

#include "decode/row.hpp"

#include <fairlead/framing/framing.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead::command {

/// The reason why a stream has no more bytes.
enum class stream_end : std::uint8_t {
    closed, ///< the sender has ended the stream
    cut,    ///< the capture ends before the stream does
};

/// Divides a stream of bytes into rows, by the decoders of the library. No I/O.
class divider {
public:
    virtual ~divider() = default;

    /// Returns the row at the beginning of `input`, which may be changed; nullopt if more bytes are needed:
    /// the next call gets the same bytes, and more. After a fault it is not called again.
    virtual std::optional<row> next(std::span<unsigned char> input) = 0;

    /// Returns a row for the bytes that are left at the end of the stream, if any; called until there is none, or a fault.
    virtual std::optional<row> finish(bytes_view input, stream_end end) = 0;
};

/// Makes a divider for a framing, or for the frames of a WebSocket.
std::unique_ptr<divider> make_divider(const framing& rules);

/// Makes the fault of a stream that ends inside a message or a frame, of which it has the bytes `left`.
row truncated_row(bytes_view left, std::string why);

} // namespace fairlead::command
