#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <concepts>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

// Those who serve message by message need not compile <boost/asio/awaitable.hpp>; <fairlead/session.hpp> includes it.
namespace boost::asio {
class any_io_executor;
template <class T, class Executor>
class awaitable;
} // namespace boost::asio

namespace FAIRLEAD_API fairlead {

class session;

/// Where a message came from, and where replies go.
///
/// Thread safety: that of the handler that was given it. Lifetime: valid while the handler runs; to send later, keep a
/// `session::handle()`.
class peer {
public:
    virtual ~peer() = default;

    /// Queues one message, framed. All that is queued for a peer is written together, at the latest when the shard has served
    /// the sockets that are ready.
    ///
    /// Errors: nothing was queued, and the connection goes on: `errc::message_too_large` and `errc::malformed` when the
    /// framing cannot carry the message, `errc::send_queue_full` when the peer reads too slowly. Or it has ended:
    /// `errc::closed`, or what the system reported. To datagrams also `errc::refused_by_limit`, see `udp_options`.
    virtual result<void> send(bytes_view message) = 0;

    /// Returns a mutable view of the current message, or of part of it, to change it in place; a reply that is the message is
    /// then sent from there. Empty if that is not possible: for single datagrams, bytes that are being sent, and framings
    /// that keep messages in storage of their own.
    ///
    ///     if (const auto here = from.writable(message); !here.empty())
    ///         unmask(here);           // void unmask(std::span<unsigned char> bytes);
    ///
    /// Lifetime: that of the view, and until these bytes are sent.
    virtual std::span<unsigned char> writable(bytes_view /*message*/) { return {}; }

    /// Ends `receive` with `errc::closed` and refuses further messages; what is queued is sent. The connection closes when its
    /// handler returns; for a session that you made, call `close_gracefully`. No effect for single datagrams.
    virtual void close() = 0;

    virtual endpoint remote() const = 0;
};

/// Called once per message, over any transport; must not block. Over UDP `close` has no effect, and each thread has one copy
/// of the handler for all peers.
///
/// Lifetime: `message` and `from` are valid during the call.
using message_handler = std::function<void(bytes_view message, peer& from)>;

/// One coroutine per connection, a boost::asio::awaitable<void>; the connection ends when it returns. Files that define one
/// include <fairlead/session.hpp>.
///
/// Lifetime: `peer` is valid until the coroutine ends. The function object outlives its coroutine, so a lambda with captures
/// may be a coroutine.
using session_handler = std::function<boost::asio::awaitable<void, boost::asio::any_io_executor>(session& peer)>;

class handler;

/// Anything but a handler from which a `Function` can be made.
template <class Callable, class Function>
concept callable_as =
    !std::same_as<std::remove_cvref_t<Callable>, handler> && std::constructible_from<Function, Callable>;

/// What a listener does with its connections: either shape, made from any callable of that form.
///
/// Every session works on its own copy, made before its first message, so what a function object holds by value is the
/// session's own. A handler that throws ends its session and nothing else.
class handler {
public:
    template <callable_as<message_handler> Callable>
    handler(Callable&& callable) : held_{shape<message_handler>{message_handler{std::forward<Callable>(callable)}}} {}

    template <callable_as<session_handler> Callable>
    handler(Callable&& callable) : held_{shape<session_handler>{session_handler{std::forward<Callable>(callable)}}} {}

    /// Serves `peer` until it ends. Errors: throws what the handler throws.
    boost::asio::awaitable<void, boost::asio::any_io_executor> serve(session& peer);

    /// Returns the message handler; null for a session handler.
    message_handler* per_message() noexcept {
        auto* const held = std::get_if<shape<message_handler>>(&held_);
        return held ? &held->function : nullptr;
    }

private:
    // A std::variant of std::function itself destroys what is not there when copying it throws (libstdc++ 12).
    template <class Function>
    struct shape {
        Function function;
    };

    std::variant<shape<message_handler>, shape<session_handler>> held_;
};

} // namespace fairlead
