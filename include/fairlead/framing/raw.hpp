#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

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
    explicit raw(raw_options options = {});

    result<decoded> decode(bytes_view input);
    result<decoded> finish(bytes_view input);
    result<void> encode(bytes_view message, byte_buffer& output);
    result<void> encode_header(bytes_view message, byte_buffer& output);
    bool keeps_headers() const noexcept { return true; } ///< there are none

    std::size_t max_message() const noexcept { return max_message_; }
    std::string to_string() const; ///< `raw`

private:
    std::size_t max_message_;
};

} // namespace fairlead
