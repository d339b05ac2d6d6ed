#pragma once

#include "admin/admin_routes.hpp"

#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace fairlead {

/// The state that the connections of an admin endpoint share. Thread safety: the thread of the endpoint.
struct admin_context {
    admin_access access;
    admin_subject& server;
    std::size_t event_streams = 0; ///< open now
};

/// Answers the requests of one connection until it ends, then closes it. `peer` has the framing `raw`.
///
/// Lifetime: `context` outlives the coroutine.
boost::asio::awaitable<void> serve_admin(std::shared_ptr<session> peer, admin_context& context);

} // namespace fairlead
