#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace FAIRLEAD_API fairlead {

/// The usual settings of a socket under names; what is not set here stays as the system has it. For all others there is
/// `session::native_handle()` and setsockopt(2).
struct socket_options {
    std::optional<bool> no_delay = true; ///< TCP_NODELAY: small writes leave at once
    std::optional<bool> keep_alive = {}; ///< SO_KEEPALIVE: an idle peer is asked whether it is there
    std::optional<std::chrono::seconds> keep_alive_idle = {};     ///< TCP_KEEPIDLE: silence before it is asked first
    std::optional<std::chrono::seconds> keep_alive_interval = {}; ///< TCP_KEEPINTVL: from one question to the next
    std::optional<int> keep_alive_probes = {}; ///< TCP_KEEPCNT: so many without an answer end the connection
    std::optional<std::chrono::milliseconds> user_timeout = {}; ///< TCP_USER_TIMEOUT: unacknowledged so long ends it
    std::optional<std::size_t> receive_buffer = {};  ///< SO_RCVBUF, bytes; the system doubles it and has an upper limit
    std::optional<std::size_t> send_buffer = {};     ///< SO_SNDBUF, the same
    std::optional<bool> reuse_address = {};          ///< SO_REUSEADDR: of a socket that is bound afterwards
    std::optional<bool> reuse_port = {};             ///< SO_REUSEPORT: the same
    std::optional<std::chrono::seconds> linger = {}; ///< SO_LINGER. 0: close resets; more: close blocks the thread
};

/// Makes the settings on a socket; those of TCP are left out where it is none.
///
/// Errors: the first that the system refuses, or that holds a value it cannot mean; those before it are made. The code's
/// message names the option and the reason, and the code is equal to the reason's condition (boost::system::errc).
result<void> apply(int socket, const socket_options& options);

/// The settings that a socket has. Buffers have the size that the system gave them, twice what was asked for; a linger
/// that is off, and what only TCP has where it is none, are not set.
///
/// Errors: what the system reports. Its message names the option, as above.
result<socket_options> read_options(int socket);

} // namespace fairlead
