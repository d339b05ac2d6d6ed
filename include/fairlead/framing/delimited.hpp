#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {

class delimiter_search;

/// Settings of `delimited`.
struct delimited_options {
    std::vector<std::string> delimiters = {}; ///< any of them ends a message; encoding writes the first
    bool keep_delimiter = false;              ///< messages are whole frames, see `delimited`
    bool accept_unterminated_last = false;    ///< so does the stream's end; otherwise that is `truncated`
    std::size_t max_message = 1u << 20;       ///< bytes in one message as delivered, at least 1
};

/// Messages that end with a delimiter.
///
///     {.delimiters = {"\r\n"}}       | o n e \r \n | t w o \r \n |      "one"  "two"
///
/// A message ends where the first delimiter is complete; of several that end there the longest counts. So it does not
/// matter how the bytes arrive, and with {"\n", "\r\n"} both line endings are taken off whole. A delimiter that holds
/// another one anywhere but at its end could never be found and is refused.
///
/// By default a message is what precedes the delimiter, and encoding appends the first one. With `keep_delimiter` a
/// message is the whole frame, and encoding writes it as it is. Either way what was encoded is decoded to the same
/// bytes, and a message for which this would not hold is refused.
///
/// Every byte is searched once, however many steps a message takes.
///
/// Errors: message_too_large - known when as many bytes as the limit and the longest delimiter have come without one.
/// truncated - the stream ended without a delimiter. malformed - encoding, a message that holds a delimiter, forms one
/// together with the delimiter behind it or, with `keep_delimiter`, does not end with one.
/// The constructor throws std::invalid_argument with advice when options contradict each other.
class delimited {
public:
    /// Makes a framing from options that do not contradict each other.
    explicit delimited(delimited_options options);

    result<decoded> decode(bytes_view input); ///< takes the next message
    result<decoded> finish(bytes_view input); ///< returns an unterminated last message, or `errc::truncated`
    result<void> encode(bytes_view message, byte_buffer& output); ///< appends the message with its delimiter

    std::size_t max_message() const noexcept { return max_message_; } ///< returns the largest size of a message

    /// `line` or `delimiter:\r\n`; "custom" with any option but one delimiter and a limit.
    std::string to_string() const;

private:
    std::shared_ptr<const delimiter_search> search_; // the same for all copies
    bool keep_delimiter_;
    bool accept_unterminated_last_;
    std::size_t max_message_;
    std::size_t max_frame_;        // behind this many bytes a delimiter comes too late
    std::size_t searched_ = 0;     // bytes of the input that need not be looked at again …
    std::uint32_t found_part_ = 0; // … and what they may have begun
};

/// Settings of `line`.
struct line_options {
    std::size_t max_message = 16 * 1024;   ///< bytes in one line without its ending, at least 1
    bool accept_unterminated_last = false; ///< as in `delimited_options`; right for text that people or files supply
};

/// Lines of text: `delimited` on `\n` or `\r\n`, written with `\n`.
///
/// A line that ends in `\r` cannot be encoded, since decoding would take the `\r` for a part of the line ending.
class line : public delimited {
public:
    /// Makes a framing for lines.
    explicit line(line_options options = {});
};

} // namespace fairlead
