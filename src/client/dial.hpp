#pragma once

#include <fairlead/connect.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace fairlead {

/// Makes a connection each time it is called.
using dial = std::function<boost::asio::awaitable<result<std::shared_ptr<session>>>()>;

/// Connects to a server as `connect` does. Errors: throws std::invalid_argument for what can never be connected to.
inline dial dial_to(shard& shard, std::string_view url, framing rules, const connect_options& how) {
    dial made = [&shard, url = url::parse(url), rules = std::move(rules), how] {
        return connect(shard, url, rules, how);
    };
    const auto refusing = made(); // nothing begins before it is awaited
    return made;
}

} // namespace fairlead
