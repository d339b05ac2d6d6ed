#pragma once

#include <fairlead/connect.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace fairlead {

using connect_result = result<std::shared_ptr<session>>;

/// Makes a connection each time it is called, without a login.
using dial = std::function<boost::asio::awaitable<connect_result>()>;

/// Connects to a server as `connect` does, but for `on_connected`; see `login`. Errors: throws std::invalid_argument for what can
/// never be connected to, and for files of certificates that cannot be used; they are read now.
dial dial_to(shard& shard, std::string_view url, framing rules, connect_options how);

} // namespace fairlead
