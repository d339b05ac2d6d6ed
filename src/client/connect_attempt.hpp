#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/socket_options.hpp>

#include <functional>

namespace fairlead {

/// One try to connect a stream socket to one address, without blocking.
///
/// Thread safety: the thread of its shard. Lifetime: may be destroyed at any time, which ends the try.
class connect_attempt final : private readiness_handler {
public:
    /// Told how it went: no error, and `release` gives the socket. It may destroy the attempt.
    using told = std::function<void(const error_code&)>;

    connect_attempt(shard_core& shard, told outcome) : shard_{shard}, told_{std::move(outcome)} {}
    ~connect_attempt() { unwatch(); }

    /// Begins, once. Gives how it went if that is known at once, else `errc::would_block`, and the outcome is told.
    ///
    /// A connection to itself, which TCP makes when the system happens to choose the port that is connected to (RFC 9293,
    /// 3.5, simultaneous open), counts as refused. A Unix socket whose backlog is full says EAGAIN (unix(7)).
    error_code begin(const endpoint& address, const socket_options& options);

    unique_descriptor release() noexcept;

private:
    void on_readable(bool) override {}
    void on_writable() override;
    void unwatch() noexcept;

    shard_core& shard_;
    told told_;
    unique_descriptor socket_;
    bool watched_ = false;
};

} // namespace fairlead
