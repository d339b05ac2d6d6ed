#pragma once

#include "server/web_rules.hpp"
#include "session/opening_session.hpp"

#include <fairlead/handler.hpp>

#include <boost/asio/awaitable.hpp>

namespace fairlead {

/// Answers the requests of a connection until one of them asks for WebSocket, then begins that over the connection:
///
///     request ──a file──▶ answer, the next request   ──upgrade──▶ 101, the handler of its path   else ──▶ answer, null
///
/// A request has `limits::first_message_timeout` from its first byte to its last; between requests,
/// `limits::idle_timeout`.
///
/// Returns null if no session begins; the connection is closed then. Lifetime: `peer`, `rules` and `bounds`
/// outlive the coroutine; the handler is in `rules`.
boost::asio::awaitable<const handler*> open_websocket(opening_session& peer, const web_rules& rules,
                                                      const limits& bounds);

} // namespace fairlead
