#pragma once

#include <fairlead/bytes.hpp>

#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// Returns text of a peer as one printable line in quotes, so that it cannot pass for another part of a log line.
///
///     a.txt, 5 bytes "b"    is    "a.txt, 5 bytes \"b\""
inline std::string in_quotes(std::string_view text, std::size_t limit = 256) {
    std::string shown = "\"";
    for (const char each : escape(text, limit)) {
        if (each == '"')
            shown += '\\';
        shown += each;
    }
    return shown += '"';
}

} // namespace fairlead::file_transfer
