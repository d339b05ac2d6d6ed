#pragma once

#include <fairlead/api.hpp>
#include <fairlead/close_reason.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace FAIRLEAD_API fairlead {

class framing;
class session_handle;
class session_handle_state;
class session_impl;
class shard;
class stream;

/// Whole messages to and from one peer.
///
///     bytes from the peer ──▶ input ──decode──▶ receive()
///     bytes to the peer   ◀── output ◀─encode── send()
///
/// Messages sent are gathered and written together: before `receive` waits, in `flush`, at the end of the turn, or when
/// much is queued. A reply that is the very message just received is written from where it stands, without a copy. A
/// message is never torn or mixed with another. An idle session holds no buffers, except for the beginning of a message.
///
/// One coroutine may receive while others of the shard send or flush. After `errc::closed` from the peer, or `errc::stopping`,
/// `send` still works until `close`.
///
/// Cancellation: `receive`, `flush` and `shutdown` return `boost::asio::error::operation_aborted` when the coroutine is
/// cancelled; no message is lost, the next `receive` returns it. `close_gracefully` closes at once. Every later `co_await` of
/// the coroutine throws until `boost::asio::this_coro::reset_cancellation_state()`.
/// Thread safety: the thread of its shard; other threads use a `handle()`. Lifetime: its shard outlives it.
class session : public peer {
public:
    /// A session over a stream, for own transports and for tests.
    ///
    ///     auto [near, far] = testing::make_memory_stream(shard);
    ///     auto session = session::create(shard, std::move(near), line{});
    static std::shared_ptr<session> create(fairlead::shard& shard, std::unique_ptr<stream> transport, framing messages,
                                           const limits& bounds = {});

    /// Waits for the next message and returns it. Lets other sessions have their turn when many messages come at once.
    /// One caller at a time. The view is valid until the next `receive` or `try_receive`.
    ///
    /// Errors, all terminal but cancellation: `errc::closed` after either side ended the connection between two messages; `errc::stopping`
    /// when the server stops; `errc::truncated`, `errc::message_too_large`, `errc::malformed` from the framing;
    /// `errc::first_message_timeout`, `errc::message_timeout`, `errc::idle_timeout` when the peer missed a deadline
    /// (replies already queued are still sent); `errc::write_timeout`, `errc::handler_timeout`; errors of the system.
    virtual boost::asio::awaitable<result<bytes_view>> receive() = 0;

    /// The same, but returns `errc::timed_out` if no whole message came within `limit`, and the session goes on. The limit
    /// is precise to a millisecond and never early. A limit of 0 or less looks once and does not wait.
    ///
    ///     const auto reply = co_await session.receive(2s);
    ///     if (!reply && reply.error() == errc::timed_out)
    ///         session.send("are you there?");
    virtual boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) = 0;

    /// Returns the next message that was already read from the connection; reads nothing itself. nullopt if there is none, or
    /// if the turn of the session is over or more than `limits::write_high_watermark` bytes are queued: then await `receive`.
    virtual std::optional<bytes_view> try_receive() = 0;

    /// Waits until everything queued has been handed to the operating system. Errors: why it cannot be sent.
    virtual boost::asio::awaitable<result<void>> flush() = 0;

    /// Flushes, then tells the peer that nothing more will be sent. Receiving goes on.
    virtual boost::asio::awaitable<result<void>> shutdown() = 0;

    /// Flushes, ends our side, waits until the peer ends its own or `limits::linger_timeout` has passed, and closes. The
    /// peer gets our last bytes (a close with unread input would reset the connection, RFC 9293 3.10.4).
    virtual boost::asio::awaitable<void> close_gracefully() = 0;

    /// Closes at once and drops what is queued. Pending and later calls return `why`, unless the session had already ended
    /// for another reason.
    virtual void abort(error_code why) = 0;

    /// Why the session ended; false while it has not.
    virtual fairlead::close_reason close_reason() const = 0;

    /// True if the connection is idle and can be used for another exchange: both sides still send, and nothing that was
    /// received is left.
    virtual bool is_reusable() = 0;

    virtual endpoint local() const = 0;             ///< the address of our end
    virtual std::uint64_t id() const noexcept = 0;  ///< unique in the process
    virtual fairlead::shard& shard() noexcept = 0;  ///< for `blocking`, `sleep_for`, connections of your own
    virtual int native_handle() const noexcept = 0; ///< the descriptor, or -1
    virtual session_handle handle() = 0;            ///< reaches this session from any thread, and after its end
};

/// Reaches a session from anywhere: may be copied and used from any thread, and outlives the session.
class session_handle {
public:
    session_handle() noexcept = default; ///< a handle of no session, which is always expired

    /// Queues a copy of the message for the session. Messages of one thread keep their order.
    ///
    /// Errors: `errc::closed` when the session has ended, `errc::send_queue_full` when `limits::max_write_buffer` bytes
    /// are on their way. Errors the session finds later (a message its framing cannot carry) are logged.
    result<void> send(bytes_view message) const;

    void close() const; ///< as `session::close`

    bool expired() const noexcept; ///< true if `send` can no longer succeed: after `close`, `shutdown` or the end

private:
    friend class session_impl;
    explicit session_handle(std::shared_ptr<session_handle_state> state) noexcept : state_{std::move(state)} {}

    std::shared_ptr<session_handle_state> state_;
};

} // namespace fairlead
