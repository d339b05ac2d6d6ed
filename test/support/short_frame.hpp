#pragma once

#include <string>
#include <string_view>

namespace fairlead::test {

/// A message of at most 127 bytes behind its size, one byte.
inline std::string frame(std::string_view text) {
    return static_cast<char>(text.size()) + std::string{text};
}

} // namespace fairlead::test
