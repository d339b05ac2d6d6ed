#pragma once

#include "core/system_error.hpp"

#include <sys/socket.h>
#include <sys/types.h>

namespace fairlead {

/// Who connected: the effective user at the other end of a Unix socket when it did (SO_PEERCRED, unix(7)).
///
/// Errors: what getsockopt(2) reports.
inline result<::uid_t> peer_user(int socket) noexcept {
    ::ucred credentials{};
    ::socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return last_system_error();
    return credentials.uid;
}

} // namespace fairlead
