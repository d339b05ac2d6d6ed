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

/// The state of a client's connection.
///
///     connecting ──▶ connected ──▶ backing_off ──▶ connecting …        any ──close()──▶ closed
enum class client_state : std::uint8_t {
    connecting,  ///< looks the name up, tries its addresses and runs `on_connected`
    connected,   ///< messages are sent
    backing_off, ///< waits before the next attempt; see `client::reconnect_now`
    closed,      ///< final
};

/// Returns the name of a state: `backing_off`. "unknown" for other values.
std::string_view to_string(client_state value) noexcept;

/// Options of a `client`. The functions are called on the thread of the shard and must not block it.
///
///     client_options options;
///     options.max_in_flight = 64;
///     options.on_state = [](client_state now, error_code why) { log(std::string{to_string(now)} + " " + why.message()); };
struct client_options {
    connect_options connect = {};          ///< of each attempt
    reconnect_options reconnect = {};      ///< the pauses between attempts
    std::size_t max_waiting = 1024 * 1024; ///< bytes of messages that wait for a connection

    /// Open requests, including those that wait for a connection. The same number limits the messages that wait for one.
    std::size_t max_in_flight = 1'024;

    /// Returns the id of a request or reply. A reply belongs to the request with the same id. An empty id, or an exception, means
    /// no id. Without this function the n-th reply belongs to the n-th request.
    ///
    ///     options.id_of = [](bytes_view message) { return to_string(message.first(4)); };
    std::function<std::string(bytes_view message)> id_of = {};

    /// Called for each message that belongs to no request. Without this function such a message is dropped if requests have
    /// ids; else the connection is closed, because replies no longer match requests.
    std::function<void(bytes_view message)> on_message = {};

    /// Called after each change of the state, also for the first `connecting`: inside the constructor if that runs on the shard,
    /// so do not use the client there. `why` is the last error, except in `connected`.
    std::function<void(client_state now, error_code why)> on_state = {};
};

/// A connection that reconnects by itself, shared by many coroutines of its shard.
///
///     request ─┐                              ┌─▶ the reply, to its request
///     request ─┼─▶ one write per turn ──▶ server
///     send    ─┘         │
///                     broken: pause, reconnect. Messages not yet written wait, within `max_waiting`.
///
///     client backend{session.shard(), "tcp://10.0.0.7:9000", length_prefixed{}};
///     const auto reply = co_await backend.request("get 7", 2s);
///
/// The client never sends a message twice. After `errc::no_reply`, `errc::connection_lost`
/// and `operation_aborted` the server may have acted on the message, and the caller decides; after all other errors nothing
/// was sent.
///
/// A call that needs a connection during a pause ends the pause early, once it has lasted `reconnect_options::initial_delay`: so
/// a client that is called all the time tries again at most once in that time.
///
/// Thread safety: the thread of `shard`; other threads use co_spawn with boost::asio::use_future. Lifetime: `shard` outlives
/// the client. A client may be destroyed at any time, also by its own callbacks; no callback is called afterwards,
/// but a `connect_options::on_connected` that has begun runs to its end. Pending
/// calls then return `errc::closed`, or `errc::connection_lost` if their message was written. Exceptions from callbacks are
/// logged.
class client {
public:
    /// Begins to connect. Errors: throws std::invalid_argument as `connect` does, and for options that contradict each other.
    client(shard& shard, std::string_view url, framing rules, client_options options = {});
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    ~client();

    /// Sends a message and returns its reply. Here and in `send`, a `limit` of 0 or less returns `errc::timed_out` at once, and
    /// `no_limit` has no limit. Here and in `connected`, other limits are precise to a millisecond and never early; a reply
    /// that has arrived by then counts, also if a handler blocked the thread meanwhile.
    ///
    /// Errors:
    ///
    /// - `errc::timed_out`: there was no connection within `limit`. Nothing was sent.
    /// - `errc::no_reply`: the message was written, but no reply arrived within `limit`. The server may have acted on it. Where
    ///   replies arrive in order, the client then closes the connection, because the late reply would be taken for the next
    ///   one; all other open requests then return `errc::connection_lost`. With ids it closes the connection when more than
    ///   `max_in_flight` replies are late.
    /// - `errc::connection_lost`: the connection ended after the message was written. The server may have acted on it.
    /// - `errc::send_queue_full`: `max_waiting`, `max_in_flight` or `limits::max_write_buffer` is reached. Nothing was sent.
    /// - `errc::message_too_large`, `errc::malformed`: from the framing. `errc::malformed` also for a message without an id, or
    ///   with the id of a request whose reply has not arrived yet.
    /// - `errc::closed`: after `close`.
    ///
    /// Cancellation, here, in `send` and in `connected`: all types; returns `boost::asio::error::operation_aborted`. A
    /// message not yet written is not sent; the reply to a written message counts as late.
    boost::asio::awaitable<result<std::string>> request(std::string message, std::chrono::milliseconds limit);

    /// Sends a message and waits until it was handed to the system.
    ///
    /// Errors: as `request`; `errc::no_reply` if the server did not take all of the message within `limit`, and
    /// `errc::connection_lost` if the connection ended meanwhile. In both cases the message may still have arrived.
    ///
    ///     const auto sent = co_await backend.send("log this", 2s);
    boost::asio::awaitable<result<void>> send(std::string message, std::chrono::milliseconds limit);

    /// Waits until the client is connected.
    ///
    /// Errors: after `limit`, that of the last attempt or connection (`errc::closed` if the server ended it), or
    /// `errc::timed_out` if there was none; `errc::closed` after `close`: `state()` tells these two apart. A limit of 0 or less
    /// returns the present state at once.
    ///
    ///     const auto ready = co_await backend.connected(5s);
    ///     if (!ready)
    ///         log(ready.error().message());
    boost::asio::awaitable<result<void>> connected(std::chrono::milliseconds limit);

    /// Ends a pause between two attempts: the client connects at the end of this turn, for example because the network is back.
    /// After a call has returned `errc::no_reply` or `errc::connection_lost`, also skips the pause after a connection that is
    /// about to end. No effect otherwise while the client connects or is connected. Do not call it in every
    /// `on_state(backing_off)`: the client would retry without pausing.
    ///
    ///     if (backend.state() == client_state::backing_off)
    ///         backend.reconnect_now();
    void reconnect_now() noexcept;

    /// Sends the messages that were given to the connection, then closes it. Messages may be lost if the server takes none for
    /// `limits::write_timeout` or the connection fails; `close` does not report that. Open requests return
    /// `errc::connection_lost`; wait for their replies before you call `close`. Messages that wait for a connection return
    /// `errc::closed`. Takes up to `limits::write_timeout` and `limits::linger_timeout`.
    ///
    /// Cancellation: throws boost::system::system_error with `operation_aborted`; the client still closes.
    ///
    ///     co_await backend.close();
    boost::asio::awaitable<void> close();

    client_state state() const noexcept; ///< the present state

    /// Returns the reason why there is no connection, or why the last one ended; no error before the first failure.
    error_code last_error() const noexcept;

private:
    std::shared_ptr<client_connection> connection_;
};

} // namespace fairlead
