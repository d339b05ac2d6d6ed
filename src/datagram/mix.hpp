#pragma once

#include <cstdint>

namespace fairlead {

/// Spreads the bits of a number over all of them (the finalizer of MurmurHash3, public domain).
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 33;
    value *= 0xFF51AFD7ED558CCD;
    value ^= value >> 33;
    value *= 0xC4CEB9FE1A85EC53;
    return value ^ value >> 33;
}

} // namespace fairlead
