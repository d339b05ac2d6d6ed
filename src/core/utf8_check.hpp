#pragma once

#include <fairlead/bytes.hpp>

#include <cstdint>

namespace fairlead {

/// Checks that text is UTF-8 while it arrives. The first byte that no valid text can have there is refused at once.
///
///     take("caf\xC3")  true, not at a boundary        take("\xA9")  true, at a boundary
///     take("\xED\xA0") false: a surrogate
class utf8_check {
public:
    /// Takes the next bytes, and returns false if the text is not UTF-8. Then only `reset` may follow.
    bool take(bytes_view piece) noexcept;

    bool at_boundary() const noexcept { return left_ == 0; } ///< no character is incomplete
    void reset() noexcept { left_ = 0; }                     ///< a new text begins

private:
    bool begin(unsigned char lead) noexcept;

    std::uint8_t left_ = 0; // bytes that the character still lacks
    std::uint8_t low_ = 0;  // range of the next one of them
    std::uint8_t high_ = 0;
};

/// Returns true if a whole text is UTF-8.
inline bool is_utf8(bytes_view text) noexcept {
    utf8_check check;
    return check.take(text) && check.at_boundary();
}

} // namespace fairlead
