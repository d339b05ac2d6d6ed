#pragma once

#include <cstdint>

namespace fairlead::file_transfer {

/// Returns true for the Unicode property White_Space.
bool is_white_space(std::uint32_t code) noexcept;

/// Returns true if a character of a name is not seen: one of the Unicode property Default_Ignorable_Code_Point, or one
/// of the few others that are drawn as nothing. An ignorable character counts as seen if it has a use between its
/// neighbours, `before` and `behind` (0 at an end):
///
///     U+200C, U+200D     between letters of a script that joins them: Persian, Hindi
///     U+200D             between emoji, which become one
///     U+FE0E, U+FE0F     behind an emoji, or in 1️⃣
///     other selectors    behind an ideograph, a symbol, a letter of Mongolian: another form of it
///     tags               behind the black flag: 🏴󠁧󠁢󠁳󠁣󠁴󠁿
bool is_unseen(std::uint32_t before, std::uint32_t code, std::uint32_t behind) noexcept;

} // namespace fairlead::file_transfer
