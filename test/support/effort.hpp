#pragma once

#include <cstdlib>

namespace fairlead::test {

/// How much of something to do: a little, or all of it with `./dev test --long`.
inline int effort(int usual, int full) {
    return std::getenv("FAIRLEAD_LONG") ? full : usual;
}

} // namespace fairlead::test
