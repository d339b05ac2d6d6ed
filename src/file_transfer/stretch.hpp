#pragma once

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace fairlead::file_transfer {

/// A part of a file: data to write, or zeros to leave out as a hole.
struct stretch {
    enum class kind { data, zeros };

    std::size_t size = 0;
    kind holds = kind::data;
};

/// Zeros are left out in blocks of this many bytes, so that a hole is worth its entry in the file system.
constexpr std::size_t hole_block = 64 * 1024;

inline bool is_all_zeros(bytes_view bytes) noexcept {
    return bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// Returns the first stretch of `bytes`, which begin at `offset` of a file and are not empty.
///
///     offset 60K:  | 4K zeros | 64K zeros | 64K with data | 9K zeros |   gives 68K of zeros, 64K of data, 9K of zeros
///
/// A part of a block at either end counts as a block, so zeros become holes even if they come in small pieces.
inline stretch first_stretch(std::uint64_t offset, bytes_view bytes) noexcept {
    stretch found;
    while (found.size != bytes.size()) {
        const auto begun = static_cast<std::size_t>((offset + found.size) % hole_block);
        const bytes_view rest = bytes.from(found.size);
        const bytes_view part = rest.first(std::min(rest.size(), hole_block - begun));
        const auto kind = is_all_zeros(part) ? stretch::kind::zeros : stretch::kind::data;
        if (found.size == 0)
            found.holds = kind;
        else if (found.holds != kind)
            break;
        found.size += part.size();
    }
    return found;
}

} // namespace fairlead::file_transfer
