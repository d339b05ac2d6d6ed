#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace fairlead::command {

/// One connection of a load, made again each time that it ends.
///
/// Thread safety: the thread of its shard. Lifetime: outlives its shard, because its coroutine refers to it.
class lane {
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;

    lane() = default;
    lane(const lane&) = delete;
    lane& operator=(const lane&) = delete;
    virtual ~lane() = default;

    /// Connects and exchanges messages until the end of the run.
    virtual boost::asio::awaitable<void> run() = 0;

    /// Returns true if another message may be sent now.
    virtual bool has_room() const noexcept = 0;

    /// Sends the next message, which was due at `due`. There must be room.
    virtual void send(time_point due, time_point now) = 0;

    /// Stops waiting for replies that have not come in time, and counts them.
    virtual void sweep(time_point now) = 0;

    /// Ends the connection once it waits for no reply; no more messages are sent.
    virtual void stop() = 0;

    /// Ends the connection without waiting for replies, and without counting the missing ones.
    virtual void give_up() = 0;

    bool offered = false; ///< waits for its turn to send, see `load_worker::offer`
};

} // namespace fairlead::command
