#pragma once

#include <cstdint>

namespace fairlead {

/// What a server has done so far. Counters only grow; `active` is what is going on now.
struct statistics {
    std::uint64_t accepted = 0;         ///< connections taken in
    std::uint64_t active = 0;           ///< sessions alive now
    std::uint64_t closed = 0;           ///< sessions ended, for whatever reason
    std::uint64_t handler_failures = 0; ///< sessions ended because their handler threw
    std::uint64_t framing_failures = 0; ///< sessions ended because their bytes did not follow the framing
    std::uint64_t accept_failures = 0;  ///< connections that could not be taken in
};

} // namespace fairlead
