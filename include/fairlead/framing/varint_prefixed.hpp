#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Settings of `varint_prefixed`.
struct varint_prefixed_options {
    std::size_t max_message = 1u << 20; ///< bytes in one message, at least 1
};

/// Messages preceded by their length as an unsigned LEB128 number, as Protocol Buffers write it: seven bits to a byte,
/// low bits first, the top bit set on all bytes but the last.
///
///     | 05 | h e l l o |        | AC 02 | 300 bytes |
///
/// Errors: message_too_large - known from the length alone. malformed - a length of more than 64 bits, or one written
/// with more bytes than it needs. The constructor throws std::invalid_argument if `max_message` is 0.
class varint_prefixed {
public:
    /// Makes a framing with a limit for messages.
    explicit varint_prefixed(varint_prefixed_options options = {});

    result<decoded> decode(bytes_view input);                            ///< takes the next message
    result<decoded> finish(bytes_view input);                            ///< returns `errc::truncated` inside a message
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends the length and the message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends the length
    bool keeps_headers() const noexcept { return true; }                 ///< a length has one form only

    std::size_t max_message() const noexcept { return max_message_; } ///< returns the largest size of a message
    std::string to_string() const;                                    ///< `varint`

private:
    std::size_t max_message_;
};

} // namespace fairlead
