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
/// Out of descriptors or memory it pauses and comes back by itself; errors of one connection do not hold up the next.
/// Without room for a session, or above its rate, it leaves who comes in the backlog.
///
/// Thread safety: the thread of its shard; the counters may be read on any. Lifetime: closed before its shard ends, and destroyed at any
/// time after that.
class acceptor final : private readiness_handler {
public:
    struct rules {
        std::function<bool()> has_capacity; ///< whether one more may be taken; if not, `resume` is called once it may
        std::function<void(unique_descriptor, const endpoint& remote)> take; ///< hands a connection on
        std::shared_ptr<token_bucket> rate; ///< shared with the other sockets of the listener
        std::vector<::uid_t> users;         ///< of a Unix socket; empty: all
        std::function<void(const endpoint&, std::string_view)> on_refused = {}; ///< see `server_options`
        std::function<bool()> make_room = {}; ///< without descriptors: closes one; false if there is none to close
    };

    /// Accepts as soon as the shard runs. Errors: throws boost::system::system_error when the socket cannot be watched.
    acceptor(shard_core& shard, listen_socket opened, rules with);
    ~acceptor();

    /// Goes on if it waits for room.
    void resume();

    /// Lets nobody new in, unless the socket is shared; `stop` follows.
    void refuse_newcomers() noexcept;

    /// Hands on who waits in the backlog, whatever the rate, for a plain close would reset them, and closes. Handshakes
    /// of TCP that have begun are waited for until `handshakes_end`, and block the thread. A socket that is shared is only
    /// closed: the other process accepts them.
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
