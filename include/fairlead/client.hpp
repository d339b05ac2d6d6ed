#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/reconnect_backoff.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/time_limit.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

class client_connection;

/// What a client's connection is doing.
enum class client_state : std::uint8_t {
    connecting,  ///< it tries to connect
    connected,   ///< messages go to the server and come from it
    backing_off, ///< until the next attempt
    closed,      ///< for good
};

/// Settings of a client: its connections, limits and callbacks.
struct client_options {
    connect_options connect = {};          ///< how each connection is made
    reconnect_options reconnect = {};      ///< the pauses between attempts
    std::size_t max_waiting = 1024 * 1024; ///< bytes of messages that wait for a connection

    /// Open at one time, those that wait for a connection included; and of the messages that wait for one in all.
    std::size_t max_in_flight = 1'024;

    /// The id in a message, by which a reply finds its request; an empty one is that of no request, and so is one for which
    /// this throws. Without this function replies come in the order of the requests.
    std::function<std::string(bytes_view message)> id_of = {};

    /// Called for what answers no request. Without this function such a message is dropped if requests have ids; where
    /// replies come in order it closes the connection, which is out of step.
    std::function<void(bytes_view message)> on_message = {};
    std::function<void(client_state now, error_code why)> on_state = {}; ///< called when the state has changed
};

/// A connection that comes back, shared by many coroutines of its shard.
///
///     request ─┐                          ┌─▶ reply, to whom it belongs
///     request ─┼─▶ one write per turn ──▶ server
///     send    ─┘         │
///              broken: pause, connect again; what was not written goes on waiting, bounded; what was is not repeated
///
/// It connects from the start. Nothing is ever sent twice: when it is not known whether the server has got a message,
/// the caller is told so, and decides.
///
/// Thread safety: the thread of `shard`; from others use co_spawn with boost::asio::use_future. Lifetime: `shard` outlives
/// it. It may be destroyed at any time, also by its callbacks; none is called after that. Coroutines that wait get
/// `errc::closed`, those whose message was written `errc::outcome_unknown`. What callbacks throw is logged.
class client {
public:
    /// Errors: throws std::invalid_argument as `connect` does, and for options that contradict each other.
    client(shard& shard, std::string_view url, framing rules, client_options options = {});
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    ~client();

    /// Sends a message and returns its reply. A limit of 0 or less is `errc::timed_out` at once, here and below; `no_limit`
    /// is none.
    ///
    /// Cancellation, here and below: all types; returns `boost::asio::error::operation_aborted`. A message that was not
    /// written is not sent; one that was written counts as late, see below.
    /// Errors: `errc::timed_out` when there was no connection within `limit`: nothing was sent; `errc::outcome_unknown` when
    /// the connection broke after the message was written, or no reply came within `limit`. Then, where replies come in
    /// order, the connection is closed, for a late reply would be taken for that of the next request; with ids it is
    /// closed when more than `max_in_flight` replies are late. `errc::send_queue_full` above the limits;
    /// `errc::message_too_large` and `errc::malformed` from the framing, the latter also for a message without id, or with
    /// that of a request whose reply has not come yet, be it late; `errc::closed`.
    boost::asio::awaitable<result<std::string>> request(std::string message, std::chrono::milliseconds limit);

    /// Sends a message, and waits until it has been handed to the system.
    ///
    /// Errors: as `request`; `errc::outcome_unknown` when the connection broke meanwhile, or the server took too little
    /// within `limit`.
    boost::asio::awaitable<result<void>> send(std::string message, std::chrono::milliseconds limit);

    /// Waits until it is connected. Errors: why it is not, or `errc::timed_out`; `errc::closed`.
    boost::asio::awaitable<result<void>> connected(std::chrono::milliseconds limit);

    /// Closes the connection gracefully: what is written reaches the server. Open requests end with `errc::outcome_unknown`;
    /// await them before.
    boost::asio::awaitable<void> close();

    client_state state() const noexcept; ///< returns what the connection is doing now

    /// Why there is no connection, or why the last one ended; no error before.
    error_code last_error() const noexcept;

private:
    std::shared_ptr<client_connection> connection_;
};

} // namespace fairlead
