#pragma once

#include "core/unique_descriptor.hpp"
#include "proxy/proxied_peer.hpp"

#include <fairlead/endpoint.hpp>

#include <memory>

namespace fairlead {

/// An accepted connection on its way to a session.
struct arrival {
    unique_descriptor socket;
    endpoint transport_remote;
    std::unique_ptr<const proxied_peer> proxied = {}; ///< null: no proxy is between

    /// The address of the peer, for limits and logs.
    const endpoint& remote() const noexcept { return proxied ? proxied->remote : transport_remote; }
};

} // namespace fairlead
