#pragma once

#include <fairlead/address_range.hpp>
#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A version of the PROXY protocol (HAProxy's proxy-protocol.txt).
enum class proxy_version : std::uint8_t {
    v1, ///< a line of text, with the addresses alone
    v2, ///< binary, with values of any kind
};

/// Options of a listener behind proxies that announce the address of each client by the PROXY protocol, version 1 or 2.
///
///     const proxy_server_options options{.trusted = {address_range::parse("10.0.0.0/8")}};
///
/// With `trusted`, each connection must come from one of these addresses and begin with a header, which precedes TLS. Other
/// connections are closed. The server never guesses from the first bytes whether there is a header: a client could send one.
///
/// Until the header is whole the connection counts for `limits::max_sessions`, and `header_timeout` is its only time limit. From
/// then on it has the address that the header announces: for `max_sessions_per_address`, `session::remote` and logs. A header of
/// LOCAL, UNKNOWN or UNSPEC leaves the address as it is. A stop does not wait for headers. Refused connections are counted
/// (`listener_statistics::refused_for_proxy`) and logged.
struct proxy_server_options {
    std::vector<address_range> trusted = {};         ///< the addresses of the proxies; empty: no proxies, and no header
    std::chrono::milliseconds header_timeout{3'000}; ///< from accept to the end of the header; 0: no limit
};

/// Options of a client that announces another address than its own, as a proxy does: by a header before all else, TLS included.
///
///     connect_options options;
///     options.proxy = proxy_client_options{.source = session.remote(), .destination = session.local()};
///
/// Without addresses the header says that the connection is the proxy's own (LOCAL; UNKNOWN in version 1), as one that checks
/// whether the server is there. Version 1 says UNKNOWN also for Unix sockets and for addresses of two families.
///
/// Errors: `connect` throws std::invalid_argument for one address without the other.
struct proxy_client_options {
    proxy_version version = proxy_version::v2; ///< of the header
    endpoint source = {};                      ///< the client
    endpoint destination = {};                 ///< the address to which the client connected
};

/// TLS between a client and its proxy, as the proxy tells.
struct proxied_tls {
    std::string version = {};             ///< "TLSv1.3"
    std::string client_common_name = {};  ///< of the client's certificate
    bool client_has_certificate = false;  ///< the client has shown one
    bool certificate_is_verified = false; ///< and the proxy has verified it
};

/// The content of a PROXY header, without the address of the client, which is `session::remote()`. Version 1 has the destination
/// alone. Texts are escaped.
struct proxy_info {
    endpoint destination = {};           ///< the address to which the client connected; empty: the proxy does not tell
    std::string alpn = {};               ///< the application protocol that the client chose by TLS; empty: none
    std::string authority = {};          ///< the name of the server that the client asked for; empty: none
    std::string unique_id = {};          ///< the name that the proxy gave to the connection; empty: none
    std::optional<proxied_tls> tls = {}; ///< nullopt: the client does not use TLS, or the proxy does not tell
};

} // namespace fairlead
