#pragma once

#include <boost/system/error_code.hpp>

namespace fairlead::test {

/// An error of the system, by its errno.
inline boost::system::error_code system_code(int value) {
    return {value, boost::system::system_category()};
}

} // namespace fairlead::test
