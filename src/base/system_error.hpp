#pragma once

#include <fairlead/error.hpp>

#include <cerrno>

namespace fairlead {

/// What the last system call left in errno.
inline error_code last_system_error() noexcept {
    return {errno, boost::system::system_category()};
}

} // namespace fairlead
