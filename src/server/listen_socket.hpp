#pragma once

#include "core/unique_descriptor.hpp"
#include "server/listen_overlap.hpp"
#include "server/unix_socket_file.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/url.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fairlead {

/// How many peers may wait to be accepted; the kernel cuts it down to net.core.somaxconn.
constexpr int backlog = 4096;

struct listen_socket {
    unique_descriptor socket;
    endpoint local;
    unix_socket_file file = {}; ///< of a Unix socket with a path
    socket_sharing sharing = {};
};

/// A copy of a socket for another process.
struct lent_socket {
    unique_descriptor socket;
    socket_origin origin = socket_origin::opened;
    std::optional<file_identity> file = {}; ///< that goes with it
};

/// What a server listens for.
enum class listens_for : std::uint8_t { sessions, administration };

/// One of the listeners of a process that hands its sockets over. Several can have the same text, such as tcp://127.0.0.1:0; their
/// number, from 1, tells them apart.
struct listener_name {
    std::string url; ///< see `socket_name`
    listens_for what = listens_for::sessions;
    std::size_t number = 0;
};

/// Returns the URL by which another process knows the sockets of a listener: that which was asked for, but without the path of
/// WebSocket, for several paths share a port.
std::string socket_name(url at);

/// Another descriptor of the same socket. Errors: throws boost::system::system_error if there are no more descriptors.
unique_descriptor copy_of(int socket);

/// Non-blocking sockets that listen at `url`, at least one, each with its real port; a file gets `unix_mode`,
/// sockets of TCP get `options`, which what they accept inherits.
///
/// A name stands for all its addresses. Those that this machine does not have are left out as long as one remains; port 0
/// asks for one port that is free at all of them. IPv6's `[::]` takes IPv4 peers as well, unless IPv4 is asked for beside
/// it, by this URL or by one of the addresses that the server `held` before.
///
/// Errors: throws boost::system::system_error whose `what()` names the URL and the reason; then nothing is left open.
std::vector<listen_socket> open_listen_sockets(const url& url, ::mode_t unix_mode, const socket_options& options = {},
                                               const std::vector<endpoint>& held = {});

/// Opens one socket at an address.
using open_socket = std::function<error_code(const endpoint& address, listen_socket& opened)>;

/// A socket of TCP.
error_code open_tcp(const endpoint& address, const socket_options& options, listen_socket& opened,
                    ipv6_reach reach = ipv6_reach::with_ipv4);

/// Opens a socket at each address that this machine has, all at one port. Errors: when it has none, or one fails; then
/// nothing is left open.
error_code open_at_all(const std::vector<endpoint>& addresses, const open_socket& open,
                       std::vector<listen_socket>& opened);

/// Lets no new peer in, while those that wait in the backlog can still be accepted: without it some would come between
/// the last accept and the close, believe they are connected, and be reset.
///
/// Peers of a Unix socket are refused from now on (shutdown(2)); those of TCP are not answered, and refused when they
/// try again after the close (a filter drops their SYN, socket(7)). Where the kernel knows no filter nothing happens.
void close_to_newcomers(int socket, const endpoint& local) noexcept;

} // namespace fairlead
