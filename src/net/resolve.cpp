#include "net/resolve.hpp"

#include "core/system_error.hpp"
#include "core/whole_number.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstddef>
#include <memory>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>

namespace fairlead {

namespace {

// The size includes the zero behind a path, as in the result of getsockname(2).
endpoint unix_endpoint(const url& url) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::size_t size = offsetof(::sockaddr_un, sun_path) + url.path.copy(address.sun_path, sizeof address.sun_path);
    if (url.path.starts_with('@'))
        address.sun_path[0] = '\0';
    else
        ++size;
    return {reinterpret_cast<const ::sockaddr*>(&address), size};
}

// Returns an IPv6 address with a zone; nullopt if the host is none. getaddrinfo(3) accepts a zone for
// link-local addresses only. Errors: ENODEV if there is no such interface.
std::optional<result<endpoint>> zoned_endpoint(const url& url) {
    const auto mark = url.host.find('%');
    ::sockaddr_in6 six{};
    if (mark == std::string::npos || ::inet_pton(AF_INET6, url.host.substr(0, mark).c_str(), &six.sin6_addr) != 1)
        return {};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(url.port);
    six.sin6_scope_id = zone_number(url.host.substr(mark + 1));
    if (six.sin6_scope_id == 0)
        return system_code(ENODEV);
    return endpoint{reinterpret_cast<const ::sockaddr*>(&six), sizeof six, url.transport};
}

result<std::vector<endpoint>> ask_system(const url& url, int flags) {
    ::addrinfo hints{};
    hints.ai_flags = AI_NUMERICSERV | flags;
    hints.ai_socktype = url.transport == transport::udp ? SOCK_DGRAM : SOCK_STREAM;
    ::addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
    if (failed == EAI_SYSTEM)
        return last_system_error();
    if (failed != 0)
        return error_code{failed, resolver_category()};

    const std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
    std::vector<endpoint> addresses;
    for (const ::addrinfo* each = found; each; each = each->ai_next) {
        // glibc gives 127.0.0.1 twice where /etc/hosts has localhost on a line of each family.
        const endpoint address{each->ai_addr, each->ai_addrlen, url.transport};
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
            addresses.push_back(address);
    }
    return addresses;
}

} // namespace

std::uint32_t zone_number(const std::string& zone) noexcept {
    if (const unsigned known = ::if_nametoindex(zone.c_str()); known != 0)
        return known;
    return whole_number<std::uint32_t>(zone).value_or(0);
}

result<std::vector<endpoint>> resolve(const url& url, resolve_for purpose) {
    if (url.transport == transport::unix_stream)
        return std::vector{unix_endpoint(url)};
    if (const auto zoned = zoned_endpoint(url))
        return *zoned ? result<std::vector<endpoint>>{std::vector{**zoned}} : zoned->error();
    return ask_system(url, purpose == resolve_for::listening ? AI_PASSIVE : 0);
}

std::optional<endpoint> resolve_literal(const url& url) {
    if (url.transport == transport::unix_stream)
        return unix_endpoint(url);
    if (const auto zoned = zoned_endpoint(url))
        return *zoned ? std::optional{**zoned} : std::nullopt;
    const auto found = ask_system(url, AI_NUMERICHOST);
    return found ? std::optional{found->front()} : std::nullopt;
}

endpoint endpoint::parse(std::string_view url) {
    const fairlead::url parsed = url::parse(url);
    if (auto found = resolve_literal(parsed)) {
        found->set_tls(parsed.tls);
        found->set_websocket(parsed.websocket);
        return *found;
    }
    throw std::invalid_argument{"'" + parsed.host +
                                "' is no address; write one, such as tcp://127.0.0.1:9000, or look the "
                                "name up with connect"};
}

result<endpoint> local_endpoint(int socket, transport transport) {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        return last_system_error();
    return endpoint{reinterpret_cast<const ::sockaddr*>(&address), size, transport};
}

bool is_connected_to_itself(int socket) noexcept {
    const auto local = local_endpoint(socket);
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    return local && ::getpeername(socket, reinterpret_cast<::sockaddr*>(&address), &size) == 0 &&
           *local == endpoint{reinterpret_cast<const ::sockaddr*>(&address), size};
}

} // namespace fairlead
