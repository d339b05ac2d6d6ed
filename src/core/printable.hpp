#pragma once

#include <fairlead/bytes.hpp>

#include <string>

namespace fairlead {

// What a peer has sent, made fit to be shown to a person. Text is UTF-8; what a terminal would take for a command or an
// end of the line, and what is no UTF-8, is escaped as `escape` does: control characters (C0, DEL, C1), the separators
// U+2028 and U+2029, and the controls that turn the direction of text around (U+202A…U+202E, U+2066…U+2069).

/// A message as one line: all of the above and `\\` is escaped, so that it can be told what was received.
std::string printable(bytes_view message);

/// Two digits for each byte: `68 65 6c 6c 6f`.
std::string hexadecimal(bytes_view message);

/// A stream of text in pieces as they come, with its tabs and ends of lines (`\n`, `\r\n`).
class printable_stream {
public:
    /// What there is to show of the next piece. A character that has not come whole is held back, as is a `\r`.
    std::string next(bytes_view piece);

    /// What was held back, once nothing follows it.
    std::string end();

private:
    std::string held_;
};

} // namespace fairlead
