#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/peer_handle.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

// A message handler needs no <boost/asio/awaitable.hpp>, which is slow to compile; <fairlead/session.hpp> includes it.
namespace boost::asio {
class any_io_executor;
template <class T, class Executor>
class awaitable;
} // namespace boost::asio

namespace FAIRLEAD_API fairlead {

class session;
class shard;

/// The sender of a message, and the target of replies.
///
/// Thread safety: the thread of the handler. Lifetime: in a handler, valid while the handler runs; to send later, keep its
/// `handle()`.
class peer {
public:
    virtual ~peer() = default;

    /// Frames and queues one message. The queued messages of a peer are written together, at the latest at the end of the turn.
    /// The bytes are copied, unless they are the message just received; the caller may reuse its buffer.
    ///
    ///     if (const auto sent = from.send("pong"); !sent)
    ///         count(sent.error());
    ///
    /// Errors: nothing was queued. The connection continues after `errc::message_too_large` and `errc::malformed` (the framing
    /// cannot carry the message), `errc::send_queue_full` (the peer reads too slowly) and, for datagrams,
    /// `errc::refused_by_limit` (see `udp_options`). No more can be sent after `errc::closed` and errors of the system. Throws
    /// std::bad_alloc.
    virtual result<void> send(bytes_view message) = 0;

    /// Returns a mutable view of `message`, which must lie in the message just received. Modify it, then pass it to `send`: no
    /// copy is made. Returns an empty span for single datagrams, after the message was sent, and for framings that keep
    /// messages in storage of their own.
    ///
    ///     if (const auto here = from.writable(message); !here.empty())
    ///         unmask(here);           // void unmask(std::span<unsigned char> bytes);
    ///
    /// Lifetime: as `message`, and until these bytes are passed to `send`.
    virtual std::span<unsigned char> writable(bytes_view /*message*/) { return {}; }

    /// Ends `receive` with `errc::closed` and refuses further messages. Queued messages are sent; messages that were received but
    /// not yet given to the handler are dropped. The connection closes when its handler returns; call `close_gracefully` for a
    /// session of `session::create` or `connect`. Closes a `udp_client` at once. Has no effect on the sender of a datagram.
    virtual void close() = 0;

    virtual endpoint remote() const = 0; ///< the address of the peer; behind a proxy the one that it announced

    /// Returns a handle, to send later, from any thread. Costs nothing until it is asked for.
    ///
    ///     void answer_later(bytes_view question, peer& from) {
    ///         ask_worker(to_string(question), [to = from.handle()](const std::string& answer) { to.send(answer); });
    ///     }
    ///
    /// In a peer of your own, such as that of a test, it has expired unless you override this.
    virtual peer_handle handle();

    /// Returns the shard of the peer; a file that uses it includes <fairlead/shard.hpp>.
    ///
    ///     from.shard().get_executor();
    ///
    /// Errors: throws std::logic_error in a peer of your own that does not override this.
    virtual fairlead::shard& shard();
};

/// Called once per message, over any transport. It must not block its thread: `shard::blocking` runs blocking work. Over UDP
/// each thread has one copy of the handler for all peers.
///
///     void shout(bytes_view message, peer& from) { from.send(to_upper(message)); }
///
/// Lifetime: `message` and `from` are valid during the call.
using message_handler = std::function<void(bytes_view message, peer& from)>;

/// Called once per connection; returns a coroutine, a boost::asio::awaitable<void>. The connection ends when the coroutine
/// returns. A file that defines one includes <fairlead/session.hpp>, where there is an example.
///
/// Lifetime: `peer` is valid until the coroutine ends. The function object outlives its coroutine, so a lambda with captures
/// may be a coroutine.
using session_handler = std::function<boost::asio::awaitable<void, boost::asio::any_io_executor>(session& peer)>;

class handler;

/// A callable from which a `Function` can be made, other than a handler.
template <class Callable, class Function>
concept callable_as = !std::same_as<std::remove_cvref_t<Callable>, handler> &&
                      std::copy_constructible<std::decay_t<Callable>> && std::constructible_from<Function, Callable>;

/// A callable `void(bytes_view, peer&)`. Other return types are rejected, because the result would be discarded.
template <class Callable>
concept callable_for_message = callable_as<Callable, message_handler> &&
    requires(std::decay_t<Callable>& callable, bytes_view message, peer& from) {
    { callable(message, from) } -> std::same_as<void>;
};

/// A callable that is neither a message handler nor a session handler.
template <class Callable>
concept callable_as_no_handler = !std::same_as<std::remove_cvref_t<Callable>, handler> &&
                                 !callable_for_message<Callable> && !callable_as<Callable, session_handler>;

/// A message handler or a session handler, made from any callable of either form.
///
///     server.listen("tcp://127.0.0.1:9000", line{}, [count = 0](bytes_view, peer& from) mutable {
///         from.send(std::to_string(++count));     // each session counts for itself
///     });
///
/// Each session has its own copy, made before its first message, so values captured by a lambda belong to the session. Over UDP
/// each thread has one copy of a message handler. An exception ends its session only; over UDP, in a message handler, it is
/// logged and counted.
class handler {
public:
    /// Makes a handler that is called once per message.
    template <callable_for_message Callable>
    handler(Callable&& callable) : held_{shape<message_handler>{message_handler{std::forward<Callable>(callable)}}} {}

    /// Makes a handler that runs one coroutine per connection.
    template <callable_as<session_handler> Callable>
    handler(Callable&& callable) : held_{shape<session_handler>{session_handler{std::forward<Callable>(callable)}}} {}

    /// Makes a handler that serves connections by `of_sessions` and single datagrams by `of_datagrams`. Use it when the
    /// handler waits on connections but must answer single datagrams without waiting.
    ///
    ///     const handler patient{answer_when_free, answer_if_free};
    handler(session_handler of_sessions, message_handler of_datagrams);

    /// Names the two forms in one error of the compiler.
    template <callable_as_no_handler Callable>
    handler(Callable&&) {
        static_assert(
            !callable_as_no_handler<Callable>,
            "a handler is copyable and called as void(fairlead::bytes_view message, fairlead::peer& from) or as "
            "boost::asio::awaitable<void>(fairlead::session& session); for the latter include <fairlead/session.hpp>");
    }

    /// Runs the handler for `peer` until it has ended or there are no more messages. Does not close the session; call
    /// `close_gracefully` after it. Errors: throws the exceptions of the handler. Lifetime: the handler and `peer` outlive the
    /// coroutine.
    boost::asio::awaitable<void, boost::asio::any_io_executor> serve(session& peer);

    /// Returns the message handler; null for a session handler, and for a handler of two forms.
    message_handler* per_message() noexcept {
        auto* const held = std::get_if<shape<message_handler>>(&held_);
        return held ? &held->function : nullptr;
    }

    /// Returns the function that is called for single datagrams: the message handler, or that of two forms. Null for a session
    /// handler, which over UDP has a session for each remote address.
    message_handler* per_datagram() noexcept {
        auto* const held = std::get_if<two_forms>(&held_);
        return held ? &held->both->of_datagrams : per_message();
    }

private:
    // A wrapper, because a std::variant of std::function destroys an object that does not exist if copying
    // it throws (libstdc++ 12).
    template <class Function>
    struct shape {
        Function function;
    };

    // On the heap, so that sessions with other handlers take no memory for it.
    struct two_forms {
        struct forms {
            session_handler of_sessions;
            message_handler of_datagrams;
        };

        explicit two_forms(forms made) : both{std::make_unique<forms>(std::move(made))} {}
        two_forms(const two_forms& other) : both{other.both ? std::make_unique<forms>(*other.both) : nullptr} {}
        two_forms(two_forms&&) noexcept = default;
        two_forms& operator=(two_forms other) noexcept {
            both = std::move(other.both);
            return *this;
        }
        ~two_forms() = default;

        std::unique_ptr<forms> both;
    };

    std::variant<shape<message_handler>, shape<session_handler>, two_forms> held_;
};

} // namespace fairlead
