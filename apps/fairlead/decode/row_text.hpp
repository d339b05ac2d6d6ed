#pragma once

#include "decode/row.hpp"

#include <cstddef>
#include <limits>

namespace fairlead::command {

/// How much of a message is shown, and how.
struct row_style {
    bool hex = false;                                           ///< else `printable`
    std::size_t most = std::numeric_limits<std::size_t>::max(); ///< bytes of a message
};

/// Returns the name of an opcode: `text`, `opcode 3`.
std::string opcode_name(std::uint8_t opcode);

/// What a Close frame says: `1000 normal: bye`, empty without a code.
std::string close_text(bytes_view payload);

/// Returns digits without spaces: `68656c6c6f`.
std::string packed_hex(bytes_view bytes);

/// The content of a row, on one line: printable or in hexadecimal, cut at the limit, which three dots show.
std::string content_text(const row& shown, const row_style& style);

} // namespace fairlead::command
