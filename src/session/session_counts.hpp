#pragma once

#include <cstdint>

namespace fairlead {

/// The messages and bytes that one session has received and sent so far.
struct session_counts {
    std::uint64_t messages_in = 0, messages_out = 0; ///< whole messages received and queued to be sent
    std::uint64_t bytes_in = 0, bytes_out = 0;       ///< read from the peer and written to it, framing included
};

} // namespace fairlead
