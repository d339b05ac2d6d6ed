#pragma once

#include <fairlead/runtime.hpp>

namespace fairlead {

/// What the inside of the library works with.
using shard_core = shard;

inline shard_core& core_of(shard& of) noexcept {
    return of;
}
inline shard& facade_of(shard_core& of) noexcept {
    return of;
}

} // namespace fairlead
