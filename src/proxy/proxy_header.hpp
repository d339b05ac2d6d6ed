#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/proxy.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

/// The two ends of the connection that a proxy passes on.
struct proxied_connection {
    endpoint source;      ///< the client
    endpoint destination; ///< the address to which the client has connected
};

/// The header that a proxy sends before the bytes of a client (HAProxy's proxy-protocol.txt). Texts are as they came.
struct proxy_header {
    std::size_t size = 0; ///< bytes of the header; those of the client follow
    /// nullopt if the proxy speaks for itself (LOCAL), or does not know the client (UNKNOWN, UNSPEC): then the
    /// real address counts.
    std::optional<proxied_connection> connection = {};
    std::string alpn = {};      ///< the application protocol that the client has chosen
    std::string authority = {}; ///< the name of the server that it has asked for
    std::string unique_id = {}; ///< a name of the connection, of up to 128 bytes
    std::optional<proxied_tls> tls = {};
};

/// The transport that carries the header. A stream may have one of version 1 or 2, each datagram has one of
/// version 2.
enum class proxy_carrier : std::uint8_t { stream, datagram };

enum class proxy_state : std::uint8_t { incomplete, whole, refused };

/// The progress in reading a header.
struct proxy_progress {
    proxy_state state = proxy_state::incomplete;
    proxy_header header = {};    ///< if it is whole
    std::string_view fault = {}; ///< if it is refused: "the PROXY header has an unknown version"
};

/// Reads the header at the beginning of `received`, which has all bytes that have come so far. Refuses bytes
/// that do not begin with a header. No I/O. If the header is incomplete, call this again with more bytes; a
/// datagram is never incomplete.
///
/// Errors: throws std::bad_alloc.
proxy_progress read_proxy_header(bytes_view received, proxy_carrier carrier = proxy_carrier::stream);

constexpr std::size_t max_proxy_header_v1 = 107;  ///< bytes of one of version 1, with its end of line
constexpr std::size_t max_proxy_header_v2 = 4096; ///< bytes of one of version 2

/// Returns the header for a connection. nullopt is for a proxy that speaks for itself, which version 1 calls
/// UNKNOWN. Version 1 uses UNKNOWN also for Unix sockets, which it cannot express. The transport is that of the
/// source.
///
/// Errors: throws std::bad_alloc.
std::string encode_proxy_header(proxy_version version, const std::optional<proxied_connection>& connection);

} // namespace fairlead
