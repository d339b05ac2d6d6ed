#pragma once

#include "server/acceptor.hpp"
#include "server/admission.hpp"
#include "server/placement.hpp"
#include "server/session_group.hpp"
#include "server/shard_service.hpp"
#include "server/udp_group.hpp"
#include "server/udp_listen_socket.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/server.hpp>
#include <fairlead/url.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace fairlead {

/// The listeners of a server, from the opened sockets to the closed ones.
///
///     open ──▶ sockets that nobody serves yet ──start_*──▶ acceptors on the first shard, UDP sockets on all
///                                                    └──▶ refuse_newcomers ──▶ stop · close
///
/// Thread safety: `open` before `start_*`, from one thread; `start_datagrams` on the thread of that shard; the others on
/// that of the first shard; `add_to` from any. Before the shards run, any thread stands for theirs.
class listeners {
public:
    listeners(shard_services& services, admission& admitted, placement& placed) noexcept
        : services_{services}, admission_{admitted}, placement_{placed} {}

    /// Opens a listener for streams and returns its first address.
    endpoint open(const url& at, const session_rules& rules, const server_options& options);

    /// Opens a listener for datagrams and returns its first address.
    endpoint open(const url& at, const udp_rules& rules);

    /// Begins to accept. Errors: throws boost::system::system_error if a socket cannot be watched.
    void start_streams();

    /// Begins to receive on one shard. Errors: as above.
    void start_datagrams(std::size_t shard);

    /// Calls `tell` for each address.
    void announce(const std::function<void(const endpoint&)>& tell) const;

    /// Accepts again what was held back for want of room.
    void resume();

    /// Hands on the connections that wait in the backlogs, and closes the acceptors. UDP sockets are not touched.
    void stop() noexcept;

    /// Closes acceptors and sockets that were never started, at once.
    void close() noexcept;

    /// After `close`, and outside of what it calls: destroys the handlers that sessions were to have a copy of.
    void release_handlers() noexcept;

    /// The longest `limits::drain_timeout` of all listeners.
    limits::duration drain_limit() const noexcept { return drain_limit_; }

    /// Adds the counters of the acceptors.
    void add_to(statistics& sum) const;

private:
    struct pending_stream {
        listen_socket opened;
        acceptor::rules rules;
    };
    struct pending_datagrams {
        listen_socket opened;
        std::shared_ptr<const udp_rules> rules;
        std::shared_ptr<udp_peers> peers;
    };

    shard_services& services_;
    admission& admission_;
    placement& placement_;
    std::vector<endpoint> addresses_;
    limits::duration drain_limit_{0};

    mutable std::mutex mutex_; // for what follows
    std::vector<pending_stream> pending_streams_;
    std::vector<std::vector<pending_datagrams>> pending_datagrams_; // by shard
    std::vector<std::unique_ptr<acceptor>> acceptors_;
};

} // namespace fairlead
