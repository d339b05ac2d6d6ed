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

/// The number of peers that may wait to be accepted; the kernel reduces it to net.core.somaxconn.
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
    std::optional<file_identity> file = {}; ///< of a Unix socket with a path
};

/// The purpose of a listener.
enum class listens_for : std::uint8_t { sessions, administration };

/// Names one listener of a process that hands its sockets over. Several can have the same URL, such as
/// tcp://127.0.0.1:0; the number, from 1, distinguishes them.
struct listener_name {
    std::string url; ///< see `socket_name`
    listens_for purpose = listens_for::sessions;
    std::size_t number = 0;
};

/// Returns the URL by which another process knows the sockets of a listener: the URL that was asked for,
/// without a WebSocket path, because several paths share a port.
std::string socket_name(url at);

/// Returns another descriptor of the same socket. Errors: throws boost::system::system_error if there are no
/// more descriptors.
unique_descriptor copy_of(int socket);

/// Opens non-blocking sockets that listen at `url`: at least one, each with its real port. A file gets
/// `unix_mode`. TCP sockets get `options`, which accepted connections inherit.
///
/// A name stands for all its addresses. Addresses that this machine does not have are left out, unless none
/// remains. Port 0 asks for one port that is free at all of them. `[::]` takes IPv4 peers as well, unless
/// IPv4 is asked for separately: by this URL or by an address in `held`, those that the server has already.
///
/// Errors: throws boost::system::system_error whose `what()` names the URL and the reason; then nothing is left open.
std::vector<listen_socket> open_listen_sockets(const url& url, ::mode_t unix_mode, const socket_options& options = {},
                                               const std::vector<endpoint>& held = {});

/// Opens one socket at an address.
using open_socket = std::function<error_code(const endpoint& address, listen_socket& opened)>;

/// Opens a TCP socket that listens.
error_code open_tcp(const endpoint& address, const socket_options& options, listen_socket& opened,
                    ipv6_reach reach = ipv6_reach::with_ipv4);

/// Opens a socket at each address that this machine has, all at one port. Errors: the machine has none of
/// them, or one fails; then nothing is left open.
error_code open_at_all(const std::vector<endpoint>& addresses, const open_socket& open,
                       std::vector<listen_socket>& opened);

/// Refuses new peers, while peers that wait in the backlog can still be accepted. Without it, a peer could
/// connect between the last accept and the close, and be reset.
///
/// Unix sockets refuse new peers from now on (shutdown(2)). TCP sockets drop each SYN by a filter
/// (socket(7)): new peers get no answer, and are refused when they try again after the close. If the kernel
/// has no filters, this has no effect.
void close_to_newcomers(int socket, const endpoint& local) noexcept;

} // namespace fairlead
