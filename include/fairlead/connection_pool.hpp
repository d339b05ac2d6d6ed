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

/// Options of a `connection_pool`.
///
///     connection_pool pool{shard, "tcp://10.0.0.7:9000", line{}, {.max = 4, .idle_timeout = 10s}};
struct pool_options {
    connect_options connect = {};                   ///< of each connection
    std::size_t max = 8;                            ///< connections at one time, at least 1; further callers wait
    std::chrono::milliseconds idle_timeout{30'000}; ///< how long an unused connection is kept; 0: for ever

    /// Called before a used connection is lent again; false closes it. Without this function the connection is lent unless the
    /// server has closed it or has sent unexpected bytes. `acquire` rethrows its exceptions.
    std::function<boost::asio::awaitable<bool>(session&)> healthy = {};
};

/// Connections to one server, each used by one coroutine at a time.
///
///     acquire ──▶ an idle connection, a new one, or one that becomes free ──▶ lease ──destroyed──▶ back in the pool
///
///     if (auto connection = co_await pool.acquire(2s)) {
///         (*connection)->send("get 7");
///         const auto reply = co_await (*connection)->receive(2s);
///         if (!reply)
///             connection->discard();
///     }
///
/// A connection that the server ends while it is idle leaves the pool at once.
///
/// Thread safety: the thread of `shard`. Lifetime: `shard` outlives the pool and its leases. The destructor closes idle
/// connections at once; leases may outlive the pool.
class connection_pool {
public:
    class lease;

    /// Makes an empty pool; `acquire` connects. Errors: throws std::invalid_argument as `connect` does, and for a `max` of 0.
    connection_pool(shard& shard, std::string_view url, framing rules, pool_options options = {});
    connection_pool(const connection_pool&) = delete;
    connection_pool& operator=(const connection_pool&) = delete;
    ~connection_pool();

    /// Returns a connection for exclusive use: the one used last, or a new one. Callers are served in order. `limit` is the time
    /// in the queue, precise to a millisecond and never early (see `no_limit`); a new connection takes up to
    /// `connect_options::deadline` more, and `healthy` any time.
    ///
    /// Errors: `errc::timed_out` if none was free within `limit`; the errors and exceptions of `connect`; `errc::closed` if the
    /// pool is destroyed. Cancellation: all types; returns `boost::asio::error::operation_aborted`, and the next caller is
    /// served.
    boost::asio::awaitable<result<lease>> acquire(std::chrono::milliseconds limit);

    std::size_t in_use() const noexcept; ///< lent, or being made
    std::size_t idle() const noexcept;   ///< connected and unused

private:
    std::shared_ptr<pool_state> state_;
};

/// A connection on loan. Its destructor gives it back to the pool. It closes the connection at once, as `session::abort`, if
/// either side has ended it, if received bytes are left in it, after `discard`, or if the pool was destroyed: flush a last
/// message first. A moved-from lease may only be destroyed. Thread safety: the thread of the shard.
class connection_pool::lease {
public:
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) = delete;
    ~lease();

    session& operator*() const noexcept { return *connection_; }       ///< returns the session of the connection
    session* operator->() const noexcept { return connection_.get(); } ///< accesses the session of the connection

    /// Has the destructor close the connection instead of giving it back, for example after a reply that did not arrive.
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
