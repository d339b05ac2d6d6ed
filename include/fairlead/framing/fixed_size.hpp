#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Messages of one size, one directly after the other.
///
///     fixed_size{4}:  | a b c d | e f g h |      "abcd"  "efgh"
///
/// Errors: `errc::truncated` if the stream ends inside a message; encoding, `errc::malformed` for a message of another size.
/// The constructor throws std::invalid_argument if the size is 0.
class fixed_size {
public:
    explicit fixed_size(std::size_t size); ///< messages of `size` bytes

    // See `framing_type` and `framing`.
    result<decoded> decode(bytes_view input);                            ///< decodes one step
    result<decoded> finish(bytes_view input);                            ///< decodes the end of the stream
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends one framed message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends the header only
    bool keeps_headers() const noexcept { return true; }                 ///< true: there are no headers

    std::size_t max_message() const noexcept { return size_; } ///< bytes
    std::string to_string() const;                             ///< returns, for example, `fixed:16`

private:
    std::size_t size_;
};

} // namespace fairlead
