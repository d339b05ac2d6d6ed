#pragma once

#include <atomic>
#include <cstdint>

namespace fairlead {

/// Returns a number that is unique in the process and never 0.
inline std::uint64_t next_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace fairlead
