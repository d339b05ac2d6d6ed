#pragma once

#include <cstdint>
#include <random>

namespace fairlead {

/// Returns a number that peers cannot guess, for hashes whose keys they choose. Errors: throws
/// std::runtime_error when the system has no random numbers.
inline std::uint64_t random_seed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

} // namespace fairlead
