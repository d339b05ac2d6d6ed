#pragma once

#include <fairlead/error.hpp>

#include <cerrno>

namespace fairlead {

/// Returns the error code for a value of errno.
inline error_code system_code(int value) noexcept {
    return {value, boost::system::system_category()};
}

/// Returns the error code of the last system call that failed, from errno.
inline error_code last_system_error() noexcept {
    return system_code(errno);
}

} // namespace fairlead
