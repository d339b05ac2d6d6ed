#pragma once

#include <stdexcept>

namespace fairlead::bench {

/// Throws std::runtime_error if it does not hold.
inline void require(bool held, const char* what) {
    if (!held)
        throw std::runtime_error{what};
}

} // namespace fairlead::bench
