#pragma once

#include "client/dial.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/framing/websocket.hpp>
#include <fairlead/transport/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace fairlead {

/// Asks the server for WebSocket, and returns the session over it. Logs the answer of a server that refuses.
///
/// `give_up`: `name_lookup::never` for no deadline. Errors: `errc::upgrade_refused`, `errc::connect_timeout`, those
/// of the session; `boost::asio::error::operation_aborted`. Lifetime: `url` and `options` outlive the coroutine.
boost::asio::awaitable<connect_result> upgrade_to_websocket(shard_core& shard, std::unique_ptr<stream> transport,
                                                            const url& url, websocket messages,
                                                            const connect_options& options, ticks give_up);

/// Checks the parts of a request. Errors: throws std::invalid_argument for parts that cannot be sent.
void check_upgrade_request(const url& url, const websocket_client_options& options);

} // namespace fairlead
