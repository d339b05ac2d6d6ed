#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace fairlead::command {

/// One connection of a load, made anew as often as that takes.
///
/// Thread safety: the thread of its shard. Lifetime: outlives its shard, for its coroutine refers to it.
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

    /// Whether another message may be sent now.
    virtual bool has_room() const noexcept = 0;

    /// Sends the next message, which was due at that time. There must be room.
    virtual void send(time_point due, time_point now) = 0;

    /// Gives up messages whose reply has not come in time.
    virtual void sweep(time_point now) = 0;

    /// Nothing more is to be sent; ends once there is nothing to wait for.
    virtual void stop() = 0;

    /// Ends without waiting for replies, and without counting those that are missing.
    virtual void give_up() = 0;

    bool offered = false; ///< it stands in line for a message, see `load_worker::offer`
};

} // namespace fairlead::command
