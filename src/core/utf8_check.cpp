#include "core/utf8_check.hpp"

#include <cstring>

namespace fairlead {

namespace {

constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080u;

std::size_t count_ascii(bytes_view text) noexcept {
    std::size_t count = 0;
    using block = std::uint64_t __attribute__((vector_size(32)));
    block blocks[4];
    for (; text.size() - count >= sizeof blocks; count += sizeof blocks) {
        std::memcpy(blocks, text.data() + count, sizeof blocks);
        const block all = (blocks[0] | blocks[1]) | (blocks[2] | blocks[3]);
        if (((all[0] | all[1] | all[2] | all[3]) & high_bits) != 0)
            break;
    }
    for (std::uint64_t word = 0; text.size() - count >= sizeof word; count += sizeof word) {
        std::memcpy(&word, text.data() + count, sizeof word);
        if ((word & high_bits) != 0)
            break;
    }
    while (count < text.size() && text[count] < 0x80)
        ++count;
    return count;
}

} // namespace

// RFC 3629, section 4: the second byte of some characters has a smaller range than the others.
bool utf8_check::begin(unsigned char lead) noexcept {
    if (lead < 0xC2 || lead > 0xF4)
        return false;
    left_ = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    low_ = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    high_ = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return true;
}

bool utf8_check::take(bytes_view piece) noexcept {
    for (;;) {
        if (left_ == 0)
            piece = piece.from(count_ascii(piece));
        if (piece.empty())
            return true;
        const unsigned char next = piece[0];
        piece = piece.from(1);
        if (left_ == 0) {
            if (!begin(next))
                return false;
            continue;
        }
        if (next < low_ || next > high_)
            return false;
        --left_;
        low_ = 0x80;
        high_ = 0xBF;
    }
}

} // namespace fairlead
