#pragma once

#include <fairlead/connect.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace fairlead {

class tls_client_context;

using connect_result = result<std::shared_ptr<session>>;

/// The target of connections, with its certificate files already read.
///
/// Thread safety: any thread. Lifetime: outlives the attempts to connect to it.
class connect_target {
public:
    /// Errors: throws std::invalid_argument for a target to which no connection can be made, and
    /// for files that cannot be used.
    connect_target(std::string_view url, framing rules, connect_options how);

    /// Connects as the public `connect` does. `header` takes the place of `connect_options::proxy`.
    boost::asio::awaitable<connect_result> connect(shard& shard,
                                                   std::optional<proxy_client_options> header = std::nullopt) const;

    const url& address() const noexcept { return url_; }

private:
    url url_;
    framing rules_;
    connect_options how_;
    std::shared_ptr<const tls_client_context> tls_;
};

/// Makes a connection each time it is called, without a login.
using dial = std::function<boost::asio::awaitable<connect_result>()>;

/// Returns a function that connects as `connect` does, but without `on_connected`; see `login`.
/// Errors: as `connect_target`.
dial dial_to(shard& shard, std::string_view url, framing rules, connect_options how);

} // namespace fairlead
