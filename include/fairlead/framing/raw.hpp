#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Settings of `raw`.
struct raw_options {
    std::size_t max_message = 1u << 20; ///< bytes in one message, at least 1; what arrived in larger pieces is split
};

/// No framing: whatever has arrived is one message, so the bytes are exact and where they are divided means nothing.
///
/// An empty message encodes to nothing, and the peer does not see it.
///
/// Errors: message_too_large - encoding more than `max_message`; decoding never fails.
/// The constructor throws std::invalid_argument if `max_message` is 0.
class raw {
public:
    explicit raw(raw_options options = {}); ///< makes a framing that delivers bytes as they arrive

    result<decoded> decode(bytes_view input);                     ///< takes what has arrived, up to `max_message` bytes
    result<decoded> finish(bytes_view input);                     ///< the same
    result<void> encode(bytes_view message, byte_buffer& output); ///< appends the message as it is
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< refuses a larger message
    bool keeps_headers() const noexcept { return true; }                 ///< there are none

    std::size_t max_message() const noexcept { return max_message_; } ///< returns the largest size of a message
    std::string to_string() const;                                    ///< `raw`

private:
    std::size_t max_message_;
};

} // namespace fairlead
