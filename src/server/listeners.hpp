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

/// The listeners of a server, also those that are closed and have sessions left.
///
/// Thread safety: as each says; where it is the thread of a shard, any thread stands for it before the shards run.
class listeners {
public:
    // --- any thread

    /// Adds one that is open; `start` follows.
    void add(std::shared_ptr<listener> opened);

    /// The one that has that address; null if there is none, or if it was taken off.
    std::shared_ptr<listener> find(const endpoint& at) const;

    /// All that were not taken off.
    std::vector<std::shared_ptr<listener>> listed() const;

    /// The addresses of all that were not taken off, as the system knows them: those of TLS and WebSocket are like others.
    std::vector<endpoint> addresses() const;

    /// The longest `limits::drain_timeout` of all.
    limits::duration drain_limit() const;

    /// Adds the counters of all, and one entry for each.
    void add_to(statistics& sum) const;

    // --- the thread of a shard

    /// Begins to serve on one shard. Errors: throws boost::system::system_error if a socket cannot be watched.
    void start(std::size_t shard);

    // --- the thread of the first shard

    /// Calls `tell` for each address that it was not called for.
    void announce(const std::function<void(const endpoint&)>& tell);

    /// Accepts again what was held back for want of room.
    void resume();

    /// Hands on the connections that wait in the backlogs, and closes what accepts. UDP sockets are not touched.
    void stop() noexcept;

    /// Closes what accepts, and what was never started, at once.
    void close() noexcept;

    /// After `close`, and outside of what it calls: destroys the handlers that sessions were to have a copy of.
    void release_handlers() noexcept;

    /// Forgets those that were taken off and have ended, but for what they have counted. Returns true if others were taken off
    /// and have not ended.
    bool forget_ended();

private:
    template <class Action>
    void for_each(Action action) const;
    std::shared_ptr<listener> at(std::size_t index) const noexcept;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<listener>> all_; // made shorter on the first shard alone
    listener_statistics of_forgotten_;
};

} // namespace fairlead
