#pragma once

#include <fairlead/connect.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace fairlead {

class tls_client_context;

using connect_result = result<std::shared_ptr<session>>;

/// What connections are made to, with the files of certificates read.
///
/// Thread safety: any thread. Lifetime: outlives its connections being made.
class connect_target {
public:
    /// Errors: throws std::invalid_argument for what can never be connected to, and for files that cannot be used.
    connect_target(std::string_view url, framing rules, connect_options how);

    /// Connects as the public `connect` does. `header` takes the place of `connect_options::proxy`.
    boost::asio::awaitable<connect_result> connect(shard& shard,
                                                   std::optional<proxy_client_options> header = std::nullopt) const;

    const url& where() const noexcept { return url_; }

private:
    url url_;
    framing rules_;
    connect_options how_;
    std::shared_ptr<const tls_client_context> tls_;
};

/// Makes a connection each time it is called, without a login.
using dial = std::function<boost::asio::awaitable<connect_result>()>;

/// Connects to a server as `connect` does, but for `on_connected`; see `login`. Errors: as `connect_target`.
dial dial_to(shard& shard, std::string_view url, framing rules, connect_options how);

} // namespace fairlead
