#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fairlead {

static_assert(std::endian::native == std::endian::big || std::endian::native == std::endian::little);

/// The largest unsigned integer of `width` bytes, 1…8.
constexpr std::uint64_t largest_integer(int width) noexcept {
    return ~std::uint64_t{0} >> (64 - 8 * width);
}

/// Reads an unsigned integer of `width` bytes, 1…8.
inline std::uint64_t load_integer(const unsigned char* bytes, std::size_t width, std::endian order) noexcept {
    if (width == 4) { // by far the most common, and a single instruction or two
        std::uint32_t value;
        std::memcpy(&value, bytes, sizeof value);
        return order == std::endian::native ? value : __builtin_bswap32(value);
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i != width; ++i)
        value = value << 8 | bytes[order == std::endian::big ? i : width - 1 - i];
    return value;
}

/// Writes the low `width` bytes, 1…8, of an unsigned integer.
inline void store_integer(unsigned char* bytes, std::uint64_t value, std::size_t width, std::endian order) noexcept {
    if (width == 4) {
        const auto low = static_cast<std::uint32_t>(value);
        const std::uint32_t stored = order == std::endian::native ? low : __builtin_bswap32(low);
        std::memcpy(bytes, &stored, sizeof stored);
        return;
    }
    for (std::size_t i = 0; i != width; ++i)
        bytes[order == std::endian::big ? width - 1 - i : i] = static_cast<unsigned char>(value >> 8 * i);
}

} // namespace fairlead
