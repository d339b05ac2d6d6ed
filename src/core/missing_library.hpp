#pragma once

#include <stdexcept>
#include <string>

namespace fairlead {

/// Refuses a part of Fairlead that this build lacks:
///
///     refuse_without("TLS", "OpenSSL 3.0", "libssl-dev", "FAIRLEAD_TLS");
///
/// Errors: throws std::invalid_argument, always.
[[noreturn]] inline void refuse_without(const char* part, const char* library, const char* package,
                                        const char* option) {
    throw std::invalid_argument{std::string{"this build of Fairlead has no "} + part + "; install " + library +
                                " (on Debian " + package + ") and build again without -D" + option + "=OFF"};
}

} // namespace fairlead
