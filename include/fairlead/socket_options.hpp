#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace FAIRLEAD_API fairlead {

/// The usual options of a socket. An empty option leaves the default of the system. For other options use
/// `session::native_handle()` and setsockopt(2).
///
///     server server{{.socket = {.no_delay = true, .user_timeout = 20s}}};
struct socket_options {
    std::optional<bool> no_delay = true;                          ///< TCP_NODELAY: small writes leave at once
    std::optional<bool> keep_alive = {};                          ///< SO_KEEPALIVE: probes an idle peer
    std::optional<std::chrono::seconds> keep_alive_idle = {};     ///< TCP_KEEPIDLE: idle time before the first probe
    std::optional<std::chrono::seconds> keep_alive_interval = {}; ///< TCP_KEEPINTVL: time between probes
    std::optional<int> keep_alive_probes = {}; ///< TCP_KEEPCNT: unanswered probes that end the connection
    std::optional<std::chrono::milliseconds> user_timeout =
        {};                                         ///< TCP_USER_TIMEOUT: the longest time without an acknowledgement
    std::optional<std::size_t> receive_buffer = {}; ///< SO_RCVBUF in bytes; the system doubles and limits it
    std::optional<std::size_t> send_buffer = {};    ///< SO_SNDBUF, the same
    std::optional<bool> reuse_address = {};         ///< SO_REUSEADDR: effective before the socket is bound
    std::optional<bool> reuse_port = {};            ///< SO_REUSEPORT: the same
    std::optional<std::chrono::seconds> linger =
        {}; ///< SO_LINGER. 0: close resets the connection; more: close blocks the thread
};

/// Sets options of a socket. Skips the options of TCP on other sockets.
///
/// Errors: that of the first option that the system refuses or whose value is out of range; the options before it are set. The
/// message of the code names the option and the reason. The code compares equal to the condition of the reason
/// (boost::system::errc).
result<void> set_options(int socket, const socket_options& options);

/// Returns the options of a socket. Buffers have the size that the system gave them, which is twice the size asked for. `linger`
/// is empty if it is off, and the options of TCP are empty for other sockets.
///
/// Errors: those of the system; the message names the option, as above.
result<socket_options> get_options(int socket);

} // namespace fairlead
