#pragma once

#include "core/system_error.hpp"

#include <sys/socket.h>
#include <sys/types.h>

namespace fairlead {

/// Returns the effective user of the peer of a Unix socket at the time it connected (SO_PEERCRED, unix(7)).
///
/// Errors: those of getsockopt(2).
inline result<::uid_t> peer_user(int socket) noexcept {
    ::ucred credentials{};
    ::socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return last_system_error();
    return credentials.uid;
}

} // namespace fairlead
