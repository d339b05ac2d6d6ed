#pragma once

#include <fairlead/api.hpp>
#include <fairlead/close_reason.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/websocket.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace FAIRLEAD_API fairlead {

class framing;
class shard;
class stream;

/// A part of a message; see `session::receive_part`.
struct message_part {
    bytes_view bytes = {};                  ///< valid until the next call that receives
    std::optional<std::uint64_t> left = {}; ///< bytes of the message after this part; nullopt: not known yet

    bool last() const noexcept { return left == 0; } ///< true if the message ends here
};

/// Receives and sends whole messages over one connection.
///
///     bytes from the peer ──▶ input ──decode──▶ receive()
///     bytes to the peer   ◀── output ◀─encode── send()
///
///     boost::asio::awaitable<void> serve(session& session) {
///         while (const auto message = co_await session.receive())
///             session.send("hello " + to_string(*message));
///     }
///
/// `send` queues a message. Queued messages are written together: before `receive` waits, in `flush`, at the end of the turn, and
/// above `limits::write_high_watermark` bytes. A reply that is the message just received is sent without a copy if the framing
/// allows it. An idle session holds no buffers, except for a partial message.
///
/// One coroutine may receive while others on the shard send or flush; `with_tasks` runs several. `send` works until `close` or
/// `shutdown`, also after `receive` returned `errc::closed` or `errc::stopping`.
///
/// Cancellation: `receive`, `flush` and `shutdown` return `boost::asio::error::operation_aborted` when the coroutine is
/// cancelled (all types; a coroutine of co_spawn lets through `terminal` only, until `reset_cancellation_state` says
/// otherwise). No message is lost: the next `receive` returns it. If `close_gracefully` is cancelled while it waits, it closes
/// at once. Every later `co_await` of the coroutine throws until `boost::asio::this_coro::reset_cancellation_state()`.
/// Thread safety: the thread of its shard; other threads use a `handle()`. Lifetime: the shard outlives the session.
class session : public peer {
public:
    /// Makes a session over a stream, for custom transports and for tests. End it with `close_gracefully`. `bounds` is not
    /// checked; see `validate`.
    ///
    ///     auto [near, far] = testkit::make_memory_stream(shard);
    ///     auto session = session::create(shard, std::move(near), line{});
    static std::shared_ptr<session> create(fairlead::shard& shard, std::unique_ptr<stream> transport, framing messages,
                                           const fairlead::limits& bounds = {});

    /// Waits for the next message and returns it. One caller at a time. After many messages, it lets other sessions of the shard
    /// run first.
    ///
    ///     const auto message = co_await session.receive();
    ///     if (!message)
    ///         co_return;                              // session.close_reason() has the reason
    ///
    /// Errors, all terminal:
    ///
    /// - `errc::closed`: the peer or this program ended the connection between two messages.
    /// - `errc::stopping`: the server stops.
    /// - `errc::truncated`, `errc::message_too_large`, `errc::malformed`: from the framing, or the frames of a WebSocket.
    /// - `errc::first_message_timeout`, `errc::message_timeout`, `errc::idle_timeout`: the peer missed a time limit. Queued
    ///   replies are still sent.
    /// - `errc::write_timeout`, `errc::handler_timeout`, errors of the system, and the code given to `abort`.
    /// - `errc::refused_by_limit`: over UDP, another peer took the place of this one.
    ///
    /// Lifetime: the view is valid until the next `receive` or `try_receive`, also while the handler waits for something else
    /// and the connection ends meanwhile.
    virtual boost::asio::awaitable<result<bytes_view>> receive() = 0;

    /// As above, but returns `errc::timed_out` if no whole message arrived within `limit`; the session continues. The limit is
    /// precise to a millisecond and never early. A limit of 0 or less does not wait.
    ///
    ///     const auto reply = co_await session.receive(2s);
    ///     if (!reply && reply.error() == errc::timed_out)
    ///         session.send("are you there?");
    virtual boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) = 0;

    /// Returns the next message among the bytes that were already read, without reading more. Returns nullopt if there is none, if
    /// more than `limits::write_high_watermark` bytes are queued, or if it is the turn of other sessions: after 1,024 messages, 4
    /// reads or 5 ms since the session last waited. Then await `receive`.
    ///
    ///     while (const auto next = session.try_receive())     // all that has arrived
    ///         session.send(*next);
    virtual std::optional<bytes_view> try_receive() = 0;

    /// Waits for the next part of a message and returns it, for messages that are larger than memory. A part is the bytes that
    /// have arrived; those after it stay with the peer until they are asked for. After a last part, the next call waits for the
    /// next message.
    ///
    ///     std::uint64_t size = 0;
    ///     while (const auto part = co_await session.receive_part()) {
    ///         size += part->bytes.size();
    ///         if (part->last())
    ///             session.send(std::to_string(std::exchange(size, 0)) + " bytes");
    ///     }
    ///
    /// `length_prefixed` without `keep_header`, `varint_prefixed`, `raw`, `websocket` and framings that satisfy `passes_parts` divide
    /// messages. With all others, and over UDP, a part is a whole message.
    ///
    /// Limits: `max_in_parts` of the framing; `limits::min_rate`. The size of a message is `bytes.size() + *left` of its first part,
    /// if `left` is known. Errors, cancellation, lifetime: as `receive`; `errc::stopping` may come between two parts of a message.
    /// After a part that is not the last, `receive` and `try_receive` throw std::logic_error. A handler that returns there closes
    /// the connection; with a length, the peer sees that its message was cut.
    virtual boost::asio::awaitable<result<message_part>> receive_part();

    /// Returns the next part among the bytes that were already read, as `try_receive` returns a message. After nullopt await
    /// `receive_part`.
    virtual std::optional<message_part> try_receive_part();

    /// Begins to send a message in parts. `size` counts its bytes; nullopt: not known yet. End a message of your own first: while one
    /// is open, this waits, without a time limit, until another coroutine has ended it. Messages of `send` wait from here until
    /// `end_message`, in the memory of `limits::max_write_buffer`; an end of the session drops them.
    ///
    ///     co_await session.begin_message(10);
    ///     co_await session.send_part("hello");
    ///     co_await session.send_part("world");
    ///     session.end_message();
    ///
    /// With framings that do not divide messages, with those that need the size but do not get it, such as `length_prefixed`, and over
    /// UDP, the message is gathered in memory and sent at its end; messages of `send` do not wait for it.
    ///
    /// Errors: `errc::message_too_large` above `max_in_parts` of the framing, or above `max_message` if it is gathered
    /// (`limits::max_write_buffer` for framings without a `max_message`); the reason why nothing can be sent. A session of a class of
    /// your own that does not override it returns `boost::system::errc::operation_not_supported`. Cancellation: as `flush`.
    virtual boost::asio::awaitable<result<void>> begin_message(std::optional<std::uint64_t> size);

    /// Sends a part of a message that has begun. Waits while more than `limits::write_high_watermark` bytes are queued.
    /// After many parts, it lets other sessions of the shard run first.
    ///
    /// Errors, after which the part is not sent:
    ///
    /// - `errc::message_too_large`: more bytes than announced, or without a size more than `max_in_parts`. The message stays open.
    /// - `errc::message_too_large`: more than may be gathered. The message is dropped, and no longer open.
    /// - `errc::malformed`: text of a WebSocket that is not UTF-8. The message stays open.
    /// - The reason why nothing can be sent.
    ///
    /// Throws std::logic_error outside of a message. Cancellation: as `flush`; the part is sent.
    virtual boost::asio::awaitable<result<void>> send_part(bytes_view part);

    /// Ends a message that was sent in parts.
    ///
    /// Errors: `errc::truncated` if announced bytes are missing, `errc::malformed` if text of a WebSocket ends inside a character; the
    /// message stays open. Those of `send`, for a gathered message, which is dropped then. The reason why nothing can be sent. Throws
    /// std::logic_error outside of a message.
    virtual result<void> end_message();

    /// Waits until there are no more messages and returns the reason, one of the errors of `receive`. Messages that arrive are
    /// dropped. This is a `receive`: one caller at a time, the same cancellation, and the same time limits, except that the peer
    /// need not send: `limits::first_message_timeout` does not apply.
    ///
    ///     const auto why = co_await session.ended();   // the peer has left, or the server stops
    virtual boost::asio::awaitable<error_code> ended() = 0;

    /// Returns true once the handler should end: the server stops, or nothing can be sent any more, because of `close`,
    /// `shutdown`, `abort` or a failure of the connection. For handlers that send and do not receive.
    ///
    ///     while (!session.stopping()) {
    ///         session.send("tick");
    ///         co_await session.shard().sleep_for(1s);
    ///     }
    ///
    /// Without a `receive`, a session learns only by sending that its peer is gone: `send` fails after the peer has refused a
    /// message. A peer that disappears without an error is noticed after `limits::write_timeout`, or by the system.
    virtual bool stopping() const noexcept = 0;

    /// Waits until all queued messages were handed to the operating system, except those that wait for the end of a message in
    /// parts. `limits::write_timeout` ends the wait. Errors: the reason why they cannot be sent.
    ///
    ///     session.send("saving");
    ///     co_await session.flush();               // the peer gets it before the work begins
    virtual boost::asio::awaitable<result<void>> flush() = 0;

    /// Flushes, then ends the sending direction. Receiving continues. A message in parts that is open is cut off. Errors: as
    /// `flush`. After a cancellation it may be called again.
    ///
    ///     co_await session.shutdown();            // the peer sees the end of the stream
    ///     const auto answer = co_await session.receive();
    virtual boost::asio::awaitable<result<void>> shutdown() = 0;

    /// Flushes and ends the sending direction. Then waits until the peer ends its direction, at most `limits::linger_timeout`, and
    /// closes. The wait matters: a close with unread input resets the connection and may destroy the last reply (RFC 9293,
    /// 3.10.4). Messages not yet received are dropped; the wait ends after 16 MiB of further input.
    ///
    ///     session.send("bye");
    ///     co_await session.close_gracefully();
    virtual boost::asio::awaitable<void> close_gracefully() = 0;

    /// Closes at once and drops queued messages. Pending and later calls return `why`, unless the session had already ended
    /// for another reason. Bytes that the system has taken are still sent.
    ///
    ///     session.abort(errc::malformed);
    virtual void abort(error_code why) = 0;

    /// As `abort`, but resets a TCP connection: the system drops the bytes that it has not sent, and the peer gets an error
    /// (ECONNRESET) instead of the end of the stream. No port stays in TIME_WAIT. Other transports: as `abort`.
    ///
    ///     session.reset(errc::malformed);         // the peer must not take a part for the whole answer
    virtual void reset(error_code why) = 0;

    /// Returns the limits of this session. Over UDP `linger_timeout` is 0.
    virtual fairlead::limits limits() const = 0;

    /// Replaces all limits of this session. They apply at once, also to a wait that has begun: a deadline counts from the same
    /// moment as before. A common use is a short time before the login and a long one after it.
    ///
    ///     limits bounds = session.limits();
    ///     bounds.idle_timeout = 1h;
    ///     session.set_limits(bounds);
    ///
    /// `max_sessions`, `max_sessions_per_address`, `max_buffer_per_address`, `accept_rate` and `drain_timeout` belong to the
    /// listener and have no effect here. Errors: throws std::invalid_argument; see `validate`.
    virtual void set_limits(const fairlead::limits& bounds) = 0;

    /// Returns the reason why the session ended. It converts to false while the session is open.
    virtual fairlead::close_reason close_reason() const = 0;

    /// Returns true if the connection is idle and can be used for another exchange: both directions are open, and no received
    /// bytes are left.
    virtual bool is_reusable() = 0;

    virtual endpoint local() const = 0;             ///< the address of this side
    virtual std::uint64_t id() const noexcept = 0;  ///< number of the session, unique in the process
    fairlead::shard& shard() noexcept override = 0; ///< the shard: for `blocking`, `sleep_for` and further connections
    virtual int native_handle() const noexcept = 0; ///< the descriptor of the socket, or -1

    /// Returns the result of the TLS handshake: the version, the certificate of the peer. nullopt without TLS.
    ///
    ///     const auto tls = session.tls();
    ///     const bool known = tls && tls->peer_subject == "CN=ann";
    virtual std::optional<tls_info> tls() const { return {}; }

    /// Returns the content of the PROXY header that began the connection, see `listen_options::proxy`. nullopt without one.
    ///
    ///     const auto announced = session.proxy();
    ///     const bool over_tls = announced && announced->tls.has_value();
    virtual std::optional<proxy_info> proxy() const { return {}; }

    /// Returns the request with which a session of WebSocket began. nullopt for other sessions.
    ///
    ///     const auto request = session.websocket();
    ///     const bool from_browser = request && !request->origin.empty();
    virtual std::optional<websocket_info> websocket() const { return {}; }

    /// Returns the address at the other end of the connection: that of the proxy if one announced `remote()`, else `remote()`.
    virtual endpoint transport_remote() const { return remote(); }
};

} // namespace fairlead
