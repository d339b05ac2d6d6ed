#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// One character of UTF-8 text (RFC 3629: the shortest form only, no surrogates, nothing above U+10FFFF).
///
///     é|        size 2, code 0xE9, whole
///     \xC3|     size 1, incomplete
///     \xFF|…    size 1, invalid
struct utf8_character {
    /// The kind of the beginning of a text.
    enum class state : unsigned char {
        whole,      ///< a valid character
        incomplete, ///< the text ends inside the character; `size` is the rest of the text
        invalid,    ///< the first byte begins no valid character; `size` is 1
    };

    std::size_t size = 0;        ///< bytes
    std::uint32_t code = 0;      ///< the code point of a whole character
    state kind = state::invalid; ///< whether `code` is a character
};

/// Returns the first character of a text. The text is not empty.
utf8_character first_character(bytes_view text) noexcept;

/// Returns the longest beginning of a text that has at most `most` bytes and ends between characters.
std::string_view cut_between_characters(std::string_view text, std::size_t most) noexcept;

} // namespace fairlead
