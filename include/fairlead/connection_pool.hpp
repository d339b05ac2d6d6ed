#pragma once

#include <fairlead/api.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/time_limit.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace FAIRLEAD_API fairlead {

class pool_state;

/// Settings of a pool: its connections, their number, and how long they are kept.
struct pool_options {
    connect_options connect = {};                   ///< how each connection is made
    std::size_t max = 8;                            ///< connections at one time, at least 1; who wants one more waits
    std::chrono::milliseconds idle_timeout{30'000}; ///< how long one is kept that nobody uses; 0: for ever

    /// Asked before a connection that was used before is given out again; false closes it. Without it a connection is
    /// given out unless the server has closed it or has sent something unasked. What it throws leaves `acquire`.
    std::function<boost::asio::awaitable<bool>(session&)> healthy = {};
};

/// Connections to one server that are used by one coroutine at a time, one after the other.
///
///     acquire ──▶ an idle connection, a new one, or one that somebody gives back ──▶ lease ──▶ given back when it goes
///
/// Thread safety: the thread of `shard`. Lifetime: `shard` outlives it; leases may outlive it.
class connection_pool {
public:
    class lease;

    /// Errors: throws std::invalid_argument as `connect` does, and for a `max` of 0.
    connection_pool(shard& shard, std::string_view url, framing rules, pool_options options = {});
    connection_pool(const connection_pool&) = delete;
    connection_pool& operator=(const connection_pool&) = delete;
    ~connection_pool();

    /// A connection for the caller alone; who asked first is served first.
    ///
    /// Errors: `errc::timed_out` when none was free within `limit` (see `no_limit`); as `connect`, which has its own
    /// deadline; `errc::closed` when the pool is gone. Cancellation: all types; returns
    /// `boost::asio::error::operation_aborted`, and the next caller is served.
    boost::asio::awaitable<result<lease>> acquire(std::chrono::milliseconds limit);

    std::size_t in_use() const noexcept; ///< given out, or being connected
    std::size_t idle() const noexcept;   ///< open, and not given out

private:
    std::shared_ptr<pool_state> state_;
};

/// A connection that goes back to its pool, unless either side has ended, or anything is left in it that nobody has
/// received.
class connection_pool::lease {
public:
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) = delete;
    ~lease();

    session& operator*() const noexcept { return *connection_; }       ///< returns the session of the connection
    session* operator->() const noexcept { return connection_.get(); } ///< accesses the session of the connection

    /// Has it closed instead of given back: after a reply that did not come, above all.
    void discard() noexcept { discarded_ = true; }

private:
    friend class pool_state;
    lease(std::shared_ptr<pool_state> from, std::shared_ptr<session> connection) noexcept
        : from_{std::move(from)}, connection_{std::move(connection)} {}

    std::shared_ptr<pool_state> from_;
    std::shared_ptr<session> connection_;
    bool discarded_ = false;
};

} // namespace fairlead
