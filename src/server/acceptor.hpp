#pragma once

#include "base/counter.hpp"
#include "base/unique_descriptor.hpp"
#include "runtime/poller.hpp"
#include "server/accept_policy.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/runtime.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <sys/types.h>
#include <vector>

namespace fairlead {

/// Takes connections from one listening socket and hands them on, a bounded number per turn.
///
/// Out of descriptors or memory it pauses and comes back by itself; errors of one connection do not hold up the next.
///
/// Thread safety: the thread of its shard. Lifetime: stopped before its shard ends.
class acceptor final : private watcher {
public:
    /// Hands each accepted connection on.
    using taker = std::function<void(unique_descriptor, const endpoint& remote)>;

    /// Accepts as soon as the shard runs; from a Unix socket only peers of `users`, where there are any.
    ///
    /// Errors: throws boost::system::system_error when the socket cannot be watched.
    acceptor(shard& home, listen_socket opened, std::vector<::uid_t> users, taker take);
    ~acceptor();

    /// Lets nobody new in, hands on who waits in the backlog, for a plain close would reset them, and closes.
    void stop();

    const endpoint& local() const noexcept { return local_; }
    const counter& failures() const noexcept { return failures_; }

private:
    void on_readable(bool hangup) override;
    void on_writable() override {}

    void accept_some();
    accept_verdict accept_one();
    bool admits(int accepted);
    void accept_later(std::chrono::milliseconds pause);
    void report(accept_verdict verdict, const error_code& why);
    bool may_report() noexcept;
    void close() noexcept;

    shard& shard_;
    unique_descriptor socket_;
    endpoint local_;
    unix_socket_file file_;
    std::vector<::uid_t> users_;
    taker take_;
    boost::asio::steady_timer timer_;
    accept_backoff backoff_;
    counter failures_;
    std::chrono::steady_clock::time_point last_report_{};
};

} // namespace fairlead
