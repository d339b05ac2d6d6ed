#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Options of `raw`.
struct raw_options {
    std::size_t max_message = 1u << 20; ///< the largest message in bytes, at least 1; larger pieces are split
};

/// No framing: all bytes that have arrived are one message. The bytes are exact; the boundaries have no meaning.
///
///     raw{}:  bytes of one read │ a b c d e │      "abcde"
///
/// An empty message encodes to no bytes, so the peer does not receive it. In parts, a message of any size may be sent.
///
/// Errors: encoding, `errc::message_too_large` for more than `max_message` bytes. Decoding never fails.
/// The constructor throws std::invalid_argument if `max_message` is 0.
class raw {
public:
    explicit raw(raw_options options = {}); ///< makes a framing that delivers bytes as they arrive

    // See `framing_type` and `framing`.
    result<decoded> decode(bytes_view input);                            ///< decodes one step
    result<decoded> finish(bytes_view input);                            ///< decodes the end of the stream
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends one framed message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends the header only
    bool keeps_headers() const noexcept { return true; }                 ///< true: there are no headers

    result<decoded_part> decode_part(bytes_view input); ///< see `passes_parts`: each message is one part
    result<void> begin_message(std::optional<std::uint64_t>, byte_buffer&) { return {}; } ///< see `passes_parts`

    std::size_t max_message() const noexcept { return max_message_; } ///< bytes
    std::string to_string() const;                                    ///< returns `raw`

private:
    std::size_t max_message_;
};

} // namespace fairlead
