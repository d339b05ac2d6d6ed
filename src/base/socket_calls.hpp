#pragma once

#include <fairlead/endpoint.hpp>

#include <sys/socket.h>

namespace fairlead {

/// setsockopt(2) of a number. Errors: false, and errno.
inline bool set_option(int socket, int level, int name, int value) noexcept {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

/// bind(2). Errors: false, and errno.
inline bool bind_to(int socket, const endpoint& address) noexcept {
    return ::bind(socket, address.data(), static_cast<::socklen_t>(address.size())) == 0;
}

} // namespace fairlead
