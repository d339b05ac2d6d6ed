#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Messages that all have the same size and follow each other without anything between them.
///
///     fixed_size{4}:  | a b c d | e f g h |
///
/// Errors: truncated - the stream ended inside a message. malformed - encoding, a message of another size.
/// The constructor throws std::invalid_argument if the size is 0.
class fixed_size {
public:
    explicit fixed_size(std::size_t size); ///< messages of `size` bytes

    result<decoded> decode(bytes_view input);                            ///< takes the next `size` bytes
    result<decoded> finish(bytes_view input);                            ///< returns `errc::truncated` inside a message
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends a message of that size
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< refuses a message of another size
    bool keeps_headers() const noexcept { return true; }                 ///< there are none

    std::size_t max_message() const noexcept { return size_; } ///< returns the size of a message
    std::string to_string() const;                             ///< `fixed:16`

private:
    std::size_t size_;
};

} // namespace fairlead
