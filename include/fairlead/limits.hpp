#pragma once

#include <chrono>
#include <cstddef>

namespace fairlead {

/// What one session may use; every limit is finite. The size of a message is limited by its framing (`max_message`).
struct limits {
    std::size_t send_queue_soft = 256 * 1024;      ///< bytes queued for a peer above which it is not read any more
    std::size_t send_queue_hard = 4 * 1024 * 1024; ///< bytes queued for a peer above which `send` is refused
    std::chrono::milliseconds drain{10'000};       ///< after a stop: time for sessions to finish, then they are closed
    std::chrono::milliseconds linger{2'000};       ///< after our last byte: time for the peer to end its side
};

} // namespace fairlead
