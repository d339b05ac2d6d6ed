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

/// Options of `delimited`.
struct delimited_options {
    std::vector<std::string> delimiters = {}; ///< each of them ends a message; encoding writes the first
    bool keep_delimiter = false;              ///< true: messages include their delimiter, see `delimited`
    bool accept_unterminated_last = false;    ///< true: the end of the stream ends a message; false: `truncated`
    std::size_t max_message = 1u << 20; ///< the largest delivered message in bytes, with a kept delimiter; at least 1
};

/// Messages that end with a delimiter.
///
///     {.delimiters = {"\r\n"}}       | o n e \r \n | t w o \r \n |      "one"  "two"
///
/// A message ends where the first delimiter is complete. If several delimiters end there, the longest counts, however the bytes
/// arrive. So with {"\n", "\r\n"} both line endings are removed completely. A delimiter that contains another one, except at
/// its end, could never be found and is refused.
///
/// By default a message is the text before the delimiter, and encoding appends the first delimiter. With `keep_delimiter` a
/// message includes its delimiter, and encoding writes it unchanged. In both cases an encoded message decodes to the same
/// bytes; a message for which this would not hold is refused.
///
/// Every byte is searched once, however many steps a message takes.
///
/// Errors:
///
/// - `errc::message_too_large`: no delimiter ends within `max_message` plus the longest delimiter, or the message exceeds
///   `max_message`.
/// - `errc::truncated`: the stream ended without a delimiter.
/// - `errc::malformed`: encoding, a message that contains a delimiter, that forms one together with the appended delimiter or,
///   with `keep_delimiter`, that does not end with one.
/// - The constructor throws std::invalid_argument with advice if options contradict each other.
class delimited {
public:
    /// Makes a framing from options that do not contradict each other.
    explicit delimited(delimited_options options);

    result<decoded> decode(bytes_view input); ///< takes the next message
    result<decoded> finish(bytes_view input); ///< returns an unterminated last message, or `errc::truncated`
    result<void> encode(bytes_view message, byte_buffer& output); ///< appends the message with its delimiter

    std::size_t max_message() const noexcept { return max_message_; } ///< returns the largest size of a message

    /// Returns `line` or `delimiter:\r\n`; "custom" with options other than one delimiter and a limit.
    std::string to_string() const;

private:
    std::shared_ptr<const delimiter_search> search_; // the same for all copies
    bool keep_delimiter_;
    bool accept_unterminated_last_;
    std::size_t max_message_;
    std::size_t max_frame_;        // a delimiter must end within this many bytes
    std::size_t searched_ = 0;     // bytes of the input that were searched already …
    std::uint32_t found_part_ = 0; // … and the state of the search after them
};

/// Options of `line`.
struct line_options {
    std::size_t max_message = 16 * 1024;   ///< the longest line in bytes without its ending, at least 1
    bool accept_unterminated_last = false; ///< as in `delimited_options`; for text typed by hand or read from files
};

/// Lines of text: `delimited` by `\n` or `\r\n`, written with `\n`.
///
///     | o n e \r \n | t w o \n |      "one"  "two"
///
/// A line that ends with `\r` cannot be encoded, because decoding would remove the `\r` as part of the line ending.
class line : public delimited {
public:
    /// Makes a framing for lines.
    explicit line(line_options options = {});
};

} // namespace fairlead
