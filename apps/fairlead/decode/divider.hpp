#pragma once

#include "decode/row.hpp"

#include <fairlead/framing/framing.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead::command {

/// Why no more bytes of a stream come.
enum class stream_end : std::uint8_t {
    closed, ///< the sender has ended the stream
    cut,    ///< the capture ends before the stream does
};

/// Divides a stream of bytes into rows, by the decoders of the library. No I/O.
class divider {
public:
    virtual ~divider() = default;

    /// Returns the row at the beginning of `input`, which may be changed; nullopt: more bytes are needed. It is then called with
    /// the same bytes, and more. After a fault it is not called again.
    virtual std::optional<row> next(std::span<unsigned char> input) = 0;

    /// Returns a row for the bytes that are left at the end of the stream, if any; called until there is none, or a fault.
    virtual std::optional<row> finish(bytes_view input, stream_end end) = 0;
};

/// Makes a divider for a framing, or for the frames of a WebSocket.
std::unique_ptr<divider> make_divider(const framing& rules);

/// Makes the row of a stream that ends inside something.
row truncated_row(bytes_view left, std::string why);

} // namespace fairlead::command
