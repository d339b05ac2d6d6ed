#include "net/resolve.hpp"

#include "core/system_error.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace fairlead {

namespace {

// The size includes the zero behind a path, as what getsockname(2) gives does.
endpoint unix_endpoint(const url& where) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::size_t size = offsetof(::sockaddr_un, sun_path) + where.path.copy(address.sun_path, sizeof address.sun_path);
    if (where.path.starts_with('@'))
        address.sun_path[0] = '\0';
    else
        ++size;
    return {reinterpret_cast<const ::sockaddr*>(&address), size};
}

result<std::vector<endpoint>> ask_system(const url& where, int flags) {
    ::addrinfo hints{};
    hints.ai_flags = AI_NUMERICSERV | flags;
    hints.ai_socktype = where.transport == transport::udp ? SOCK_DGRAM : SOCK_STREAM;
    ::addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
    if (failed == EAI_SYSTEM)
        return last_system_error();
    if (failed != 0)
        return error_code{failed, resolver_category()};

    const std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
    std::vector<endpoint> addresses;
    for (const ::addrinfo* each = found; each; each = each->ai_next) {
        // glibc gives 127.0.0.1 twice where /etc/hosts has localhost on a line of each family.
        const endpoint address{each->ai_addr, each->ai_addrlen, where.transport};
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
            addresses.push_back(address);
    }
    return addresses;
}

} // namespace

result<std::vector<endpoint>> resolve(const url& where, resolve_for purpose) {
    if (where.transport == transport::unix_stream)
        return std::vector{unix_endpoint(where)};
    return ask_system(where, purpose == resolve_for::listening ? AI_PASSIVE : 0);
}

std::optional<endpoint> resolve_literal(const url& where) {
    if (where.transport == transport::unix_stream)
        return unix_endpoint(where);
    const auto found = ask_system(where, AI_NUMERICHOST);
    return found ? std::optional{found->front()} : std::nullopt;
}

result<endpoint> local_endpoint(int socket, transport transport) {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        return last_system_error();
    return endpoint{reinterpret_cast<const ::sockaddr*>(&address), size, transport};
}

} // namespace fairlead
