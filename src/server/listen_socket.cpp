#include "server/listen_socket.hpp"

#include "base/resolve.hpp"
#include "base/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace fairlead {

namespace {

// The kernel cuts it down to net.core.somaxconn.
constexpr int backlog = 4096;

[[noreturn]] void refuse(const url& where, const error_code& why) {
    throw boost::system::system_error{why, "cannot listen at " + where.to_string()};
}

error_code open_at(const endpoint& address, unique_descriptor& out) {
    unique_descriptor socket{::socket(address.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int on = 1;
    // Accepted sockets inherit TCP_NODELAY, which saves a call for each of them.
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        ::bind(socket.get(), address.data(), static_cast<::socklen_t>(address.size())) != 0 ||
        ::listen(socket.get(), backlog) != 0)
        return last_system_error();
    out = std::move(socket);
    return {};
}

} // namespace

listen_socket open_listen_socket(const url& where) {
    const auto addresses = resolve(where, resolve_for::listening);
    if (!addresses)
        refuse(where, addresses.error());
    error_code failed;
    for (const endpoint& each : *addresses) {
        unique_descriptor socket;
        failed = open_at(each, socket);
        if (failed)
            continue;
        const auto local = local_endpoint(socket.get());
        if (!local)
            refuse(where, local.error());
        return {std::move(socket), *local};
    }
    refuse(where, failed);
}

} // namespace fairlead
