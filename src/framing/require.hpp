#pragma once

#include <stdexcept>
#include <string>

namespace fairlead {

/// Throws std::invalid_argument with `advice` unless an option holds what it must.
inline void require(bool holds, const std::string& advice) {
    if (!holds)
        throw std::invalid_argument{advice};
}

} // namespace fairlead
