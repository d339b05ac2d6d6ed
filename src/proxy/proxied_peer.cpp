#include "proxy/proxied_peer.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>

namespace fairlead {

proxied_peer announced_peer(const proxy_header& header, const endpoint& real) {
    proxied_peer found{.remote = header.connection ? header.connection->source : real, .info = {}};
    if (header.connection)
        found.info.destination = header.connection->destination;
    found.info.alpn = escape(header.alpn);
    found.info.authority = escape(header.authority);
    found.info.unique_id = escape(header.unique_id);
    if (header.tls) {
        found.info.tls = header.tls;
        found.info.tls->version = escape(header.tls->version);
        found.info.tls->client_common_name = escape(header.tls->client_common_name);
    }
    return found;
}

bool is_trusted(const proxy_server_options& options, const endpoint& proxy) noexcept {
    return std::any_of(options.trusted.begin(), options.trusted.end(),
                       [&proxy](const auto& each) { return each.contains(proxy); });
}

} // namespace fairlead
