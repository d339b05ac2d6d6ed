#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace fairlead {

/// The origin of a listening socket.
enum class socket_origin : std::uint8_t {
    opened,     ///< by this process
    passed,     ///< by a service manager, which keeps it
    taken_over, ///< from the process that served before
};

/// Another process that has the sockets of a server as well.
///
///     taking over:   predecessor ──predecessor has left──▶ none
///     handing over:  none ──sockets are sent──▶ successor ──successor ends before it is ready──▶ none
enum class joint_use : std::uint8_t { none, predecessor, successor };

/// Tells whether another process uses a socket too. The system keeps one socket for both, with one backlog and one set of options,
/// so a process that stops must only close its descriptor: shutdown(2), a filter, or removing the file would cut off the other.
///
/// Thread safety: any thread.
struct socket_sharing {
    socket_origin origin = socket_origin::opened;
    std::shared_ptr<const std::atomic<joint_use>> joint = {}; ///< of the server; null: none

    bool is_shared() const noexcept {
        if (origin == socket_origin::passed)
            return true;
        const joint_use now = joint ? joint->load() : joint_use::none;
        return now == joint_use::successor || (now == joint_use::predecessor && origin == socket_origin::taken_over);
    }
};

} // namespace fairlead
