#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// The part of a message at the beginning of `input`, behind `header` bytes; `left` counts what is still to come. Nothing is
/// consumed without a byte of the message, unless it has none.
inline decoded_part take_part(bytes_view input, std::size_t header, std::uint64_t& left) noexcept {
    const std::size_t arrived = input.size() - header;
    if (arrived == 0 && left != 0)
        return {.wanted = header + 1};
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, arrived));
    left -= size;
    return {.consumed = header + size, .part = bytes_view{input.data() + header, size}, .left = left};
}

} // namespace fairlead
