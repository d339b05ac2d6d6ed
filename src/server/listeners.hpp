#pragma once

#include "server/listener.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/statistics.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace fairlead {

/// The listeners of a server, including closed ones that still have sessions.
///
/// Thread safety: as marked. Before the shards run, any thread counts as the thread of a shard.
class listeners {
public:
    // --- any thread

    /// Adds an open listener; `start` follows.
    void add(std::shared_ptr<listener> opened);

    /// Returns the listener at that address; null if there is none, or if it was taken off.
    std::shared_ptr<listener> find(const endpoint& at) const;

    /// Returns the listeners that were not taken off.
    std::vector<std::shared_ptr<listener>> listed() const;

    /// Returns the addresses of all that were not taken off, as the system knows them: without TLS and WebSocket.
    std::vector<endpoint> addresses() const;

    /// Returns the longest `limits::drain_timeout` of all listeners.
    limits::duration drain_limit() const;

    /// Adds the counters of all listeners, and one entry for each.
    void add_to(statistics& sum) const;

    // --- the thread of a shard

    /// Begins to serve on one shard. Errors: throws boost::system::system_error if a socket cannot be watched.
    void start(std::size_t shard);

    // --- the thread of the first shard

    /// Calls `tell` for each address that was not announced before.
    void announce(const std::function<void(const endpoint&)>& tell);

    /// Accepts connections that were held back because there was no room.
    void resume();

    /// Accepts and hands on the connections that wait in the backlogs, then closes the accepting sockets. No
    /// effect on UDP sockets.
    void stop() noexcept;

    /// Closes the accepting sockets, and those never started, at once.
    void close() noexcept;

    /// After `close`, and not from a callback: destroys the handlers that further sessions would have copied.
    void release_handlers() noexcept;

    /// Removes the listeners that were taken off and have ended, but keeps their counters. Returns true if
    /// others were taken off and have not ended.
    bool forget_ended();

private:
    template <class Action>
    void for_each(Action action) const;
    std::shared_ptr<listener> at(std::size_t index) const noexcept;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<listener>> all_; // shortened only on the first shard
    listener_statistics of_forgotten_;
};

} // namespace fairlead
