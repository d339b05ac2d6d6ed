#pragma once

#include "net/kept_endpoint.hpp"
#include "proxy/proxied_peer.hpp"
#include "transport/socket_stream.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/proxy.hpp>

#include <memory>
#include <optional>

namespace fairlead {

/// A connection that a proxy passes on, behind its header: the peer has the announced address.
class proxied_stream final : public socket_stream {
public:
    /// `real`: the address of the proxy. Errors: as `socket_stream::make`.
    static result<std::unique_ptr<stream>> make(shard_core& shard, unique_descriptor socket, const endpoint& real,
                                                const proxied_peer& announced);

    endpoint remote() const override { return announced_.get(); }
    endpoint transport_remote() const override { return socket_stream::remote(); }
    std::optional<proxy_info> proxy() const override;

private:
    proxied_stream(shard_core& shard, unique_descriptor socket, const endpoint& real, const proxied_peer& announced);

    const kept_endpoint announced_;
    const kept_endpoint destination_;
    const std::unique_ptr<const proxy_info> more_; // null if the header has addresses alone, as most have
};

} // namespace fairlead
