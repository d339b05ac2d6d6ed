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

/// Records whether another process has the sockets of a server as well.
///
///     predecessor ──it has left──▶ none ──lend──▶ lending ──give──▶ successor
///                                   ▲ │              │ │                │
///                                   │ └────end───▶ ending ◀──end        │
///                                   └───────────take_back───────────────┘
///
/// The sockets are copied while `lending`, and sent as `successor`. A stop and a hand-over decide here which of
/// them was first: a server that ends its sockets does not hand them over, and a server that has handed them
/// over does not end them.
///
/// Thread safety: any thread.
class joint_sockets {
public:
    enum class state : std::uint8_t { none, predecessor, lending, successor, ending };

    state now() const noexcept { return now_.load(); }

    /// Returns true if a hand-over is under way or done: the copied sockets are those of the next process.
    bool are_lent() const noexcept {
        const state seen = now();
        return seen == state::lending || seen == state::successor;
    }

    void take_over() noexcept { now_.store(state::predecessor); }
    void predecessor_left() noexcept { change(state::predecessor, state::none); }

    /// Returns false if the server ends its sockets.
    bool lend() noexcept { return change(state::none, state::lending); }

    /// Returns false if the server ends its sockets; then they must not be sent.
    bool give() noexcept { return change(state::lending, state::successor); }

    /// Ends a hand-over that failed: the successor did not get ready.
    void take_back() noexcept {
        if (!change(state::lending, state::none))
            change(state::successor, state::none);
    }

    /// Records that the server ends its sockets. Has no effect if another process has them.
    void end() noexcept {
        if (!change(state::none, state::ending))
            change(state::lending, state::ending);
    }

private:
    bool change(state from, state to) noexcept { return now_.compare_exchange_strong(from, to); }

    std::atomic<state> now_{state::none};
};

/// Knows whether another process uses a socket too. The system keeps one socket for both, with one backlog and
/// one set of options. So a process that stops must only close its descriptor: shutdown(2), a filter, or
/// removing the file would cut off the other process.
///
/// Thread safety: any thread.
struct socket_sharing {
    socket_origin origin = socket_origin::opened;
    std::shared_ptr<const joint_sockets> joint = {}; ///< of the server; null: none

    bool is_shared() const noexcept {
        if (origin == socket_origin::passed)
            return true;
        if (!joint)
            return false;
        const bool has_predecessor = joint->now() == joint_sockets::state::predecessor;
        return joint->are_lent() || (has_predecessor && origin == socket_origin::taken_over);
    }
};

} // namespace fairlead
