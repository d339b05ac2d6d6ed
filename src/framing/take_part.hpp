#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// Takes the first part of a message of `size` bytes, which follows `header` bytes; `left` counts the bytes that
/// are still to come. Consumes nothing until a byte of the message has arrived, unless the message is empty.
inline decoded_part take_first_part(bytes_view input, std::size_t header, std::uint64_t size,
                                    std::uint64_t& left) noexcept {
    const std::size_t arrived = input.size() - header;
    if (arrived == 0 && size != 0)
        return {.wanted = header + 1};
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(size, arrived));
    left = size - taken;
    return {.consumed = header + taken, .part = bytes_view{input.data() + header, taken}, .left = left};
}

/// Takes the next part of a message of which `left` bytes are still to come.
inline decoded_part take_part(bytes_view input, std::uint64_t& left) noexcept {
    return take_first_part(input, 0, left, left);
}

} // namespace fairlead
