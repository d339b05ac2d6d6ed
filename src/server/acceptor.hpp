#pragma once

#include "core/retry_pause.hpp"
#include "core/token_bucket.hpp"
#include "core/unique_descriptor.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"
#include "server/accept_policy.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/endpoint.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/types.h>
#include <vector>

namespace fairlead {

/// Takes connections from one listening socket and hands them on, a bounded number per turn.
///
/// Without descriptors or memory, it pauses and retries by itself. An error of one connection does not delay
/// the next. Without room for a session, or above its rate, it leaves new connections in the backlog.
///
/// Thread safety: the thread of its shard; the counters may be read on any. Lifetime: closed before its shard
/// ends, and destroyed at any time after that.
class acceptor final : private readiness_handler {
public:
    struct rules {
        std::function<bool()> has_capacity; ///< false if no more may be taken now; `resume` is called later
        std::function<void(unique_descriptor, const endpoint& remote)> take; ///< hands a connection on
        std::shared_ptr<token_bucket> rate; ///< shared with the other sockets of the listener
        std::vector<::uid_t> users;         ///< of a Unix socket; empty: all
        std::function<void(const endpoint&, std::string_view)> on_refused = {}; ///< see `server_options`
        std::function<bool()> make_room = {}; ///< without descriptors: closes one; false if there is none to close
    };

    /// Accepts as soon as the shard runs. Errors: throws boost::system::system_error when the socket cannot be watched.
    acceptor(shard_core& shard, listen_socket opened, rules with);
    ~acceptor();

    /// Accepts again if it waits for room.
    void resume();

    /// Refuses new peers, unless the socket is shared; `stop` follows.
    void refuse_newcomers() noexcept;

    /// Accepts the connections that wait in the backlog, while there is room and regardless of the rate,
    /// hands them on, and closes: a close alone would reset them. Waits until `handshakes_end` for TCP
    /// handshakes that have begun, and blocks the thread meanwhile. A shared socket is only closed: the other
    /// process accepts its connections.
    void stop(std::chrono::steady_clock::time_point handshakes_end) noexcept;

    /// Closes at once; connections in the backlog are reset, unless the socket is shared.
    void close() noexcept;

    /// Adds a copy of the descriptor, while it is open.
    void lend(std::vector<lent_socket>& to) const;

    struct counters {
        counter failures, pauses, held_for_sessions, held_for_rate;
    };
    const counters& counted() const noexcept { return counters_; }

private:
    void on_readable(bool hangup) override;
    void on_writable() override {}

    enum class hold { none, for_room, for_rate };

    void accept_some();
    bool may_accept(hold before);
    void pause();
    accept_verdict accept_one();
    unique_descriptor accept_next(::sockaddr_storage& address, ::socklen_t& size) noexcept;
    bool admits(int accepted, const endpoint& remote);
    bool another_comes_before(std::chrono::steady_clock::time_point deadline) const noexcept;
    void report(accept_verdict verdict, const error_code& why);

    shard_core& shard_;
    unique_descriptor socket_;
    endpoint local_;
    unix_socket_file file_;
    socket_sharing sharing_;
    rules rules_;
    std::optional<timer> timer_; // none once closed
    retry_pause backoff_;
    counters counters_;
    hold held_ = hold::none;
    unsigned failures_in_a_row_ = 0;
};

} // namespace fairlead
