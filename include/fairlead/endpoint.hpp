#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace fairlead {

/// Where to listen or to connect, as people write it: `tcp://127.0.0.1:9000`, `tcp://[::1]:9000`, `tcp://localhost:0`.
///
/// Port 0 asks for a free one when listening.
struct url {
    std::string host; ///< a name or an address, without the brackets of IPv6
    std::uint16_t port = 0;

    /// Errors: throws std::invalid_argument with a sentence that shows the right form.
    static url parse(std::string_view text);
    std::string to_string() const;
};

/// The address of one end of a connection, as the operating system knows it (sockaddr_in, sockaddr_in6).
class endpoint {
public:
    endpoint() noexcept = default;
    endpoint(const ::sockaddr* address, std::size_t size) noexcept;

    std::string to_string() const; ///< as a URL: `tcp://127.0.0.1:9000`; `-` when there is no address
    std::string address() const;   ///< without scheme and port: `127.0.0.1`
    std::uint16_t port() const noexcept;

    const ::sockaddr* data() const noexcept { return reinterpret_cast<const ::sockaddr*>(storage_); }
    std::size_t size() const noexcept { return size_; }

    friend bool operator==(const endpoint& a, const endpoint& b) noexcept;

private:
    alignas(4) unsigned char storage_[28] = {}; // a sockaddr_in or sockaddr_in6
    std::uint8_t size_ = 0;
};

} // namespace fairlead
