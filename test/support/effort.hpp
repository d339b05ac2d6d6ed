#pragma once

#include <cstdlib>

namespace fairlead::test {

/// How much of something to do: a little, or all of it with `./dev test --long`.
inline int effort(int usual, int full) {
    return std::getenv("FAIRLEAD_LONG") ? full : usual;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

} // namespace fairlead::test
