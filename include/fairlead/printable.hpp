#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

/// Returns a message as one line that is safe for a terminal of UTF-8. Logs in ASCII use `escape`.
///
///     caf\xC3\xA9 \x1B[2J \n      becomes      café \x1B[2J \x0A
///
/// UTF-8 text is kept. Escaped are bytes that are not UTF-8, control characters (C0, DEL, C1), the line separators U+2028 and
/// U+2029, the characters that change the direction of text (U+202A to U+202E, U+2066 to U+2069), and the backslash, so the bytes
/// can be recovered from the line.
std::string printable(bytes_view message);

/// Returns two digits for each byte: `68 65 6c 6c 6f`.
std::string hexadecimal(bytes_view message);

/// Like `printable`, for text that arrives in pieces. Keeps tabs, `\n` and backslashes; writes `\r\n` as `\n`. The bytes
/// cannot be recovered from the text.
class printable_stream {
public:
    /// Returns the text of the next piece. An incomplete character, or a `\r`, at its end is kept for the next piece.
    std::string next(bytes_view piece);

    /// Returns the text that is still kept. Call it at the end of the stream.
    std::string end();

private:
    std::string held_;
};

} // namespace fairlead
