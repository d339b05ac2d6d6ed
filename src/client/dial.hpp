#pragma once

#include <fairlead/connect.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace fairlead {

using connect_result = result<std::shared_ptr<session>>;

/// Makes a connection each time it is called, without a login.
using dial = std::function<boost::asio::awaitable<connect_result>()>;

/// Connects to a server as `connect` does, but for `on_connected`; see `login`. Errors: throws std::invalid_argument for what can
/// never be connected to.
inline dial dial_to(shard& shard, std::string_view url, framing rules, connect_options how) {
    how.on_connected = nullptr;
    dial made = [&shard, url = url::parse(url), rules = std::move(rules), how] {
        return connect(shard, url, rules, how);
    };
    const auto refusing = made(); // nothing begins before it is awaited
    return made;
}

} // namespace fairlead
