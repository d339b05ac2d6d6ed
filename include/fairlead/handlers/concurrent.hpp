#pragma once

#include <fairlead/api.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Answers one request: a coroutine that returns the reply. Others of the same session run beside it, on the same thread.
///
/// Lifetime: `peer` is valid until the coroutine ends.
using request_handler = std::function<boost::asio::awaitable<std::string>(std::string request, session& peer)>;

/// As `request_handler`, for requests of which some get no reply: returns nullopt for these.
using optional_reply_handler =
    std::function<boost::asio::awaitable<std::optional<std::string>>(std::string request, session& peer)>;

/// The order of the replies of one session.
enum class reply_order : std::uint8_t {
    of_requests,   ///< the first request is answered first; a reply that is ready early waits
    of_completion, ///< the first reply is sent first; requests and replies carry a number or a name
};

/// Returns a handler that answers up to `max_open` requests of one session at the same time.
///
///     boost::asio::awaitable<std::string> look_up(std::string name, session& peer) {
///         co_await peer.shard().sleep_for(20ms);          // asks a database
///         co_return "the address of " + name;
///     }
///
///     server.listen("tcp://127.0.0.1:9000", line{}, concurrent(look_up, 16));
///
/// While `max_open` requests are open, the session is not read. A request is open until its reply is queued: with
/// `reply_order::of_requests` a slow request soon holds up the others behind it.
///
/// When the server stops or the peer ends its side, the open requests are answered, then the session ends. The same holds after
/// a time limit or an error of the framing; replies that can no longer be sent are dropped. A failure of the connection, such
/// as a reset, cancels the open requests; it is noticed once fewer than `max_open` are open. Requests that are open after
/// `limits::drain_timeout` are cut off, as any handler. A request that throws cancels the others and ends the session, as a
/// handler that throws. A reply that cannot be sent ends the session.
///
/// `limits::idle_timeout` runs while requests are open, because the session waits for the next one: set it longer than the slowest
/// request takes. `limits::handler_timeout` runs while `max_open` requests are open. `shard::blocking` work of a request that is
/// cancelled is done all the same.
///
/// Errors: throws std::invalid_argument if `max_open` is 0.
session_handler concurrent(request_handler answer, std::size_t max_open, reply_order order = reply_order::of_requests);
/// The same for requests of which some get no reply.
session_handler concurrent(optional_reply_handler answer, std::size_t max_open,
                           reply_order order = reply_order::of_requests);

} // namespace fairlead
