#pragma once

#include <fairlead/api.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/socket.h>

namespace FAIRLEAD_API fairlead {

/// How bytes or messages travel.
enum class transport : std::uint8_t {
    tcp,         ///< tcp(7)
    unix_stream, ///< unix(7), SOCK_STREAM: between programs of one machine
    udp,         ///< udp(7)
};

/// The address of one end of a connection, as the operating system knows it (sockaddr_in, sockaddr_in6, sockaddr_un), and
/// how it is reached.
///
/// An IPv4 address in the clothes of IPv6 (`::ffff:10.0.0.1`, what a socket for both sees) is held as the IPv4 address
/// it is, so that one peer is equal to itself whichever listener it came through.
class endpoint {
public:
    endpoint() noexcept = default;
    endpoint(const ::sockaddr* address, std::size_t size,
             fairlead::transport transport = fairlead::transport::tcp) noexcept;

    /// As a URL: `tcp://127.0.0.1:9000`, `udp://[::1]:9000`, `unix:///run/echo.sock`, `unix://@name`; `unix:unnamed` for
    /// a Unix socket without address, as most clients have; `-` when there is no address at all. What is not printable
    /// ASCII is escaped.
    std::string to_string() const;

    std::string address() const;         ///< without scheme and port: `127.0.0.1`, `/run/echo.sock`, `@name`
    std::uint16_t port() const noexcept; ///< 0 of a Unix socket

    fairlead::transport transport() const noexcept { return transport_; }
    int family() const noexcept; ///< AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC when there is no address
    const ::sockaddr* data() const noexcept { return reinterpret_cast<const ::sockaddr*>(storage_); }
    std::size_t size() const noexcept { return size_; }

    friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

private:
    std::string unix_address() const;

    alignas(4) unsigned char storage_[110] = {}; // a sockaddr_in, sockaddr_in6 or sockaddr_un
    std::uint8_t size_ = 0;
    fairlead::transport transport_ = transport::tcp;
};

} // namespace fairlead
