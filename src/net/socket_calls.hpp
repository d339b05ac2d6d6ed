#pragma once

#include <fairlead/endpoint.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <sys/socket.h>

namespace fairlead {

/// Calls setsockopt(2) with a number. Errors: false, and errno.
inline bool set_option(int socket, int level, int name, int value) noexcept {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

/// Asks for a buffer of that size (SO_RCVBUF, SO_SNDBUF); 0 asks for nothing. Errors: as above.
inline bool set_buffer(int socket, int name, std::size_t bytes) noexcept {
    constexpr std::size_t most = std::numeric_limits<int>::max();
    return bytes == 0 || set_option(socket, SOL_SOCKET, name, static_cast<int>(std::min(bytes, most)));
}

/// Calls bind(2). Errors: false, and errno.
inline bool bind_to(int socket, const endpoint& address) noexcept {
    return ::bind(socket, address.data(), static_cast<::socklen_t>(address.size())) == 0;
}

} // namespace fairlead
