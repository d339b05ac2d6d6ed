#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace fairlead::test {

/// How many descriptors this process has open, and one more: that of the directory which is read.
inline std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

} // namespace fairlead::test
