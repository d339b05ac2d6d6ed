#pragma once

#include <fairlead/api.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace FAIRLEAD_API fairlead {

/// The transport of bytes or messages.
enum class transport : std::uint8_t {
    tcp,         ///< tcp(7)
    unix_stream, ///< unix(7), SOCK_STREAM: between programs of one machine
    udp,         ///< udp(7)
};

/// The address of one end of a connection (sockaddr_in, sockaddr_in6 or sockaddr_un), its transport, and whether TLS and
/// WebSocket are spoken.
///
/// IPv4-mapped IPv6 addresses (`::ffff:10.0.0.1`) are stored as IPv4, so a peer compares equal on every listener. Padding,
/// flow labels, and the scope of an IPv6 address that needs none are not stored.
class endpoint {
public:
    endpoint() noexcept = default;
    /// Copies an address of `size` bytes as the system gives it.
    endpoint(const ::sockaddr* address, std::size_t size,
             fairlead::transport transport = fairlead::transport::tcp) noexcept;

    /// Returns the URL of this endpoint: `tcp://127.0.0.1:9000`, `udp://[fe80::1%25eth0]:9000`,
    /// `unix:///run/echo.sock`, `unix://@name`.
    ///
    /// Some endpoints have no URL. The result is then `-` without an address; `unix:unnamed` for a Unix socket without an
    /// address, as most clients have; `unix:./path` for a path relative to the directory of another process; and the
    /// escaped text (see `escape`) for a Unix path or name with control characters.
    std::string to_string() const;

    /// Returns the address without scheme and port: `127.0.0.1`, `fe80::1%eth0`, `/run/echo.sock`, `@name`. The zone of
    /// an interface that no longer exists is its number.
    std::string address() const;
    std::uint16_t port() const noexcept; ///< 0 for a Unix socket

    fairlead::transport transport() const noexcept { return transport_; } ///< the transport

    /// Returns true if TLS is spoken there; the URL is then `tls://127.0.0.1:9000` or `tls+unix:///run/echo.sock`. `local()`
    /// and `remote()` of a session are addresses of sockets: they never say so, and differ from the address of the listener.
    bool tls() const noexcept { return tls_; }
    void set_tls(bool tls) noexcept { tls_ = tls; } ///< says whether TLS is spoken there

    /// Returns true if WebSocket is spoken there; the URL is then `ws://127.0.0.1:8080/`, or `wss://` with TLS. As with `tls`,
    /// the addresses of a session never say so.
    bool websocket() const noexcept { return websocket_; }
    void set_websocket(bool spoken) noexcept { websocket_ = spoken; } ///< says whether WebSocket is spoken there

    int family() const noexcept; ///< AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC without an address
    /// Returns the address for system calls; `size()` is its size.
    const ::sockaddr* data() const noexcept { return reinterpret_cast<const ::sockaddr*>(storage_); }
    std::size_t size() const noexcept { return size_; } ///< returns the bytes of the address at `data()`

    /// Reads the URL of an address, as `to_string` returns it. Looks up no names; a path of WebSocket is not kept.
    ///
    ///     const endpoint local = endpoint::parse("tcp://127.0.0.1:9000");
    ///
    /// Errors: throws std::invalid_argument for a text that is no URL, and for a host that is no address.
    static endpoint parse(std::string_view url);

    friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

    /// Orders endpoints by transport, TLS, WebSocket, family and bytes, for use as keys; the order has no other meaning.
    friend std::strong_ordering operator<=>(const endpoint& a, const endpoint& b) noexcept;

    /// Returns a hash value; equal endpoints have equal values.
    std::size_t hash() const noexcept;

private:
    void drop_what_is_no_address() noexcept;
    void cut_unix_path() noexcept;
    void replace(const void* address, std::size_t size) noexcept;
    std::string unix_address() const;

    alignas(4) unsigned char storage_[110] = {}; // a sockaddr_in, sockaddr_in6 or sockaddr_un
    std::uint8_t size_ = 0;
    fairlead::transport transport_ : 6 = transport::tcp;
    bool tls_ : 1 = false;
    bool websocket_ : 1 = false;
};

} // namespace fairlead

/// Hashes an endpoint by `endpoint::hash`.
template <>
struct std::hash<fairlead::endpoint> {
    std::size_t operator()(const fairlead::endpoint& hashed) const noexcept { return hashed.hash(); }
};
