#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead {

/// The first character of a text in UTF-8 (RFC 3629: the shortest form only, no surrogates, nothing above U+10FFFF).
struct utf8_character {
    enum class state : unsigned char {
        whole,
        incomplete, ///< the text ends inside it; `size` is what is left
        wrong,      ///< `size` is 1: the first byte is no character's
    };

    std::size_t size = 0; ///< bytes
    std::uint32_t code = 0;
    state what = state::wrong;
};

/// `text` must not be empty.
utf8_character first_character(bytes_view text) noexcept;

/// At most `most` bytes of the text's beginning, cut between characters.
std::string_view cut_between_characters(std::string_view text, std::size_t most) noexcept;

} // namespace fairlead
