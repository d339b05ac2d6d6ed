#include "server/socket_check.hpp"

#include "net/resolve.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace fairlead {

namespace {

int number_option(int descriptor, int name) noexcept {
    int value = 0;
    ::socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

const char* name_of(int family) noexcept {
    return family == AF_INET ? "IPv4" : family == AF_INET6 ? "IPv6" : family == AF_UNIX ? "Unix" : "unknown";
}

bool same_but_for_port_and_zone(const endpoint& asked, const endpoint& bound) noexcept {
    if (asked.family() != bound.family())
        return false;
    if (asked.family() == AF_UNIX)
        return asked == bound;
    if (asked.port() != 0 && asked.port() != bound.port())
        return false;
    if (asked.family() == AF_INET)
        return reinterpret_cast<const ::sockaddr_in*>(asked.data())->sin_addr.s_addr ==
               reinterpret_cast<const ::sockaddr_in*>(bound.data())->sin_addr.s_addr;
    return std::memcmp(&reinterpret_cast<const ::sockaddr_in6*>(asked.data())->sin6_addr,
                       &reinterpret_cast<const ::sockaddr_in6*>(bound.data())->sin6_addr, sizeof(::in6_addr)) == 0;
}

} // namespace

socket_facts look_at_socket(int descriptor) noexcept {
    socket_facts found;
    struct ::stat kind {};
    found.is_socket = ::fstat(descriptor, &kind) == 0 && S_ISSOCK(kind.st_mode);
    if (!found.is_socket)
        return found;
    found.family = number_option(descriptor, SO_DOMAIN);
    found.type = number_option(descriptor, SO_TYPE);
    found.listening = number_option(descriptor, SO_ACCEPTCONN) != 0;
    const transport carries = found.family == AF_UNIX    ? transport::unix_stream
                              : found.type == SOCK_DGRAM ? transport::udp
                                                         : transport::tcp;
    if (const auto local = local_endpoint(descriptor, carries))
        found.local = *local;
    return found;
}

std::string describe(const socket_facts& found) {
    if (!found.is_socket)
        return "no socket";
    const std::string kind = found.type == SOCK_STREAM ? "stream" : found.type == SOCK_DGRAM ? "datagram" : "other";
    return "a " + kind + " socket of " + name_of(found.family) + (found.listening ? " that listens at " : " at ") +
           found.local.address() + (found.local.port() != 0 ? ":" + std::to_string(found.local.port()) : "");
}

std::string explain_misfit(const socket_facts& found, const url& url, const std::vector<endpoint>& addresses) {
    const bool datagrams = url.transport == transport::udp;
    if (!found.is_socket)
        return "it is no socket; pass sockets only";
    if (found.type != (datagrams ? SOCK_DGRAM : SOCK_STREAM))
        return "it is " + describe(found) + ", and the URL needs one of " + (datagrams ? "datagrams" : "streams") +
               "; use " + (datagrams ? "ListenDatagram=" : "ListenStream=") + " in the socket unit";
    const bool unix_asked = url.transport == transport::unix_stream;
    if ((found.family == AF_UNIX) != unix_asked || (!unix_asked && found.family != AF_INET && found.family != AF_INET6))
        return "it is " + describe(found) + ", of another family than the URL; correct one of the two";
    if (!datagrams && !found.listening)
        return "it is " + describe(found) + ", and does not listen; pass a listening socket (Accept=no)";
    if (std::none_of(addresses.begin(), addresses.end(),
                     [&](const endpoint& each) { return same_but_for_port_and_zone(each, found.local); }))
        return "it is " + describe(found) + ", another address than that of the URL; correct one of the two";
    return {};
}

} // namespace fairlead
