#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Options of `varint_prefixed`.
struct varint_prefixed_options {
    std::size_t max_message = 1u << 20; ///< the largest message in bytes, at least 1
    /// The largest message that passes in parts, in bytes, see `session::receive_part`. Empty: `max_message`.
    std::optional<std::uint64_t> max_in_parts = {};
};

/// Messages preceded by their length as an unsigned LEB128 number, as in Protocol Buffers: seven bits in each byte, low bits
/// first, the top bit set in all bytes except the last.
///
///     | 05 | h e l l o |        | AC 02 | 300 bytes |
///
/// Errors:
///
/// - `errc::message_too_large`: reported when the length has arrived; encoding, a message above `max_message`.
/// - `errc::truncated`: the stream ended inside a message.
/// - `errc::malformed`: a length of more than 64 bits, or with more bytes than necessary; a message that is begun without its size.
/// - The constructor throws std::invalid_argument if `max_message` is 0, or above `max_in_parts`.
class varint_prefixed {
public:
    /// Makes a framing with a limit for messages.
    explicit varint_prefixed(varint_prefixed_options options = {});

    // See `framing_type` and `framing`.
    result<decoded> decode(bytes_view input);                            ///< decodes one step
    result<decoded> finish(bytes_view input);                            ///< decodes the end of the stream
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends one framed message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends the header only
    bool keeps_headers() const noexcept { return true; }                 ///< true: a length has only one form

    result<decoded_part> decode_part(bytes_view input); ///< see `passes_parts`
    /// Appends the length of a message that passes in parts.
    result<void> begin_message(std::optional<std::uint64_t> size, byte_buffer& output);

    std::size_t max_message() const noexcept { return max_message_; } ///< bytes
    std::string to_string() const;                                    ///< returns `varint`

private:
    std::size_t max_message_;
    std::uint64_t max_in_parts_;
    std::uint64_t left_ = 0; // bytes still to come of a message that passes in parts
};

} // namespace fairlead
