#include "server/listen_socket.hpp"

#include "base/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace fairlead {

namespace {

// The kernel cuts it down to net.core.somaxconn.
constexpr int backlog = 4096;

class resolver_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int value) const override { return ::gai_strerror(value); }
};

[[noreturn]] void refuse(const url& where, const error_code& why) {
    throw boost::system::system_error{why, "cannot listen at " + where.to_string()};
}

std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> resolve(const url& where) {
    ::addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    ::addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
    if (failed == EAI_SYSTEM)
        refuse(where, last_system_error());
    static const resolver_category category;
    if (failed != 0)
        refuse(where, {failed, category});
    return {found, &::freeaddrinfo};
}

error_code open_at(const ::addrinfo& address, unique_descriptor& out) {
    unique_descriptor socket{::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int on = 1;
    // Accepted sockets inherit TCP_NODELAY, which saves a call for each of them.
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        ::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 || ::listen(socket.get(), backlog) != 0)
        return last_system_error();
    out = std::move(socket);
    return {};
}

endpoint local_address(int socket) {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        throw boost::system::system_error{last_system_error(), "getsockname"};
    return {reinterpret_cast<const ::sockaddr*>(&address), size};
}

} // namespace

listen_socket open_listen_socket(const url& where) {
    const auto addresses = resolve(where);
    error_code failed;
    for (const ::addrinfo* each = addresses.get(); each; each = each->ai_next) {
        unique_descriptor socket;
        failed = open_at(*each, socket);
        if (!failed) {
            const endpoint local = local_address(socket.get());
            return {std::move(socket), local};
        }
    }
    refuse(where, failed);
}

} // namespace fairlead
