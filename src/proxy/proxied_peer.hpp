#pragma once

#include "proxy/proxy_header.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/proxy.hpp>

namespace fairlead {

/// The peer of a connection, or of a datagram, as a proxy has announced it.
struct proxied_peer {
    endpoint remote; ///< the announced address, or the real one if the proxy announced none
    proxy_info info;
};

/// Returns the peer that a header announces. `real`: the address of the proxy. Errors: throws std::bad_alloc.
proxied_peer announced_peer(const proxy_header& header, const endpoint& real);

/// Returns true if a proxy at this address may announce others.
bool is_trusted(const proxy_server_options& options, const endpoint& proxy) noexcept;

} // namespace fairlead
