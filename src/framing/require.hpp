#pragma once

#include <stdexcept>
#include <string>

namespace fairlead {

/// Throws std::invalid_argument with `advice` if the condition `holds` is false.
inline void require(bool holds, const std::string& advice) {
    if (!holds)
        throw std::invalid_argument{advice};
}

} // namespace fairlead
