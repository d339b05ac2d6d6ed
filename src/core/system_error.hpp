#pragma once

#include <fairlead/error.hpp>

#include <cerrno>

namespace fairlead {

/// A value of errno.
inline error_code system_code(int value) noexcept {
    return {value, boost::system::system_category()};
}

/// What the last system call left in errno.
inline error_code last_system_error() noexcept {
    return system_code(errno);
}

} // namespace fairlead
