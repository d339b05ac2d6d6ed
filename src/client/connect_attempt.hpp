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
    /// Called with the outcome. Without an error, `release` returns the socket. The function may
    /// destroy the attempt.
    using told = std::function<void(const error_code&)>;

    connect_attempt(shard_core& shard, told outcome) : shard_{shard}, told_{std::move(outcome)} {}
    ~connect_attempt() { unwatch(); }

    /// Begins, once. Returns the outcome if it is known at once. Otherwise returns
    /// `errc::would_block`, and reports the outcome later.
    ///
    /// A connection to itself, which TCP makes when the system happens to choose the port that is
    /// connected to (RFC 9293, 3.5, simultaneous open), counts as refused. The outcome for a
    /// Unix socket whose backlog is full is EAGAIN (unix(7)).
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
