#pragma once

#include "decode/row.hpp"

#include <cstddef>
#include <limits>

namespace fairlead::command {

/// The form in which messages are shown, and the number of their bytes.
struct row_style {
    bool hex = false;                                           ///< else `printable`
    std::size_t most = std::numeric_limits<std::size_t>::max(); ///< bytes of a message
};

/// Returns the name of an opcode: `text`, `opcode 3`.
std::string opcode_name(std::uint8_t opcode);

/// Returns the code and the reason of a Close frame: `1000 normal: bye`; empty without a code.
std::string close_text(bytes_view payload);

/// Returns digits without spaces: `68656c6c6f`.
std::string packed_hex(bytes_view bytes);

/// Returns the content of a row on one line: printable or in hexadecimal. Three dots show that it was cut
/// at the limit.
std::string content_text(const row& shown, const row_style& style);

} // namespace fairlead::command
