#pragma once

#include "integration/support/client.hpp"
#include "proxy/proxy_header.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace fairlead::test {

/// Options of a listener that takes programs on this machine for proxies.
inline listen_options behind_local_proxies(const limits& bounds = {}) {
    listen_options options{.limits = bounds};
    options.proxy.trusted = {address_range::parse("127.0.0.0/8"), address_range::parse("unix:")};
    return options;
}

/// The header for a client at `host`.
inline std::string header_of(const std::string& host, proxy_version version = proxy_version::v2) {
    return encode_proxy_header(version, proxied_connection{endpoint::parse("tcp://" + host + ":5000"),
                                                           endpoint::parse("tcp://198.51.100.1:443")});
}

/// Answers each line with the addresses of the session.
inline boost::asio::awaitable<void> tell_addresses(session& peer) {
    while (const auto message = co_await peer.receive()) {
        const auto announced = peer.proxy();
        const std::string destination = announced ? announced->destination.to_string() : "none";
        const std::string via = peer.transport_remote().address();
        peer.send(to_string(*message) + " from " + peer.remote().to_string() + " to " + destination + " via " + via);
    }
}

} // namespace fairlead::test
