#include "datagram/client_socket.hpp"

#include "base/resolve.hpp"
#include "base/system_error.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <net/if.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument{why};
}

void check(const url& where) {
    const std::string start = "cannot send datagrams to '" + where.to_string() + "': ";
    const std::string form = "; write udp://HOST:PORT, such as udp://127.0.0.1:9000";
    if (where.via != transport::udp)
        refuse(start + "it is no URL of UDP" + form);
    if (where.port == 0)
        refuse(start + "port 0 stands for a free one to listen on, not for one to send to" + form);
}

void check(const udp_client_options& how) {
    if (how.multicast_ttl < 0 || how.multicast_ttl > 255)
        refuse("multicast_ttl is " + std::to_string(how.multicast_ttl) + "; give it 0 to 255, 1 for this network only");
}

// By its number, which stays when the name changes; 0 leaves it to the system.
int number_of_interface(const std::string& name) {
    const unsigned number = name.empty() ? 0 : ::if_nametoindex(name.c_str());
    if (number == 0 && !name.empty())
        refuse("multicast_interface '" + name + "' is no network interface here; `ip link` lists them");
    return static_cast<int>(number);
}

template <class Value>
bool set_option(int socket, int level, int name, const Value& value) noexcept {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

bool set_buffer(int socket, int name, std::size_t size) noexcept {
    constexpr std::size_t most = std::numeric_limits<int>::max();
    return size == 0 || set_option(socket, SOL_SOCKET, name, static_cast<int>(std::min(size, most)));
}

bool is_group(const endpoint& address) noexcept {
    if (address.family() == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const ::sockaddr_in6*>(address.data())->sin6_addr);
    return IN_MULTICAST(ntohl(reinterpret_cast<const ::sockaddr_in*>(address.data())->sin_addr.s_addr));
}

bool prepare_for_group(int socket, int family, const udp_client_options& how, int interface) noexcept {
    const int loop = how.multicast_loop ? 1 : 0;
    if (family == AF_INET6)
        return set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, how.multicast_ttl) &&
               set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop) &&
               (interface == 0 || set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface));
    ::ip_mreqn by{};
    by.imr_ifindex = interface;
    return set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, how.multicast_ttl) &&
           set_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP, loop) &&
           (interface == 0 || set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, by));
}

// The interface of a group comes first: connecting chooses the address that datagrams come from.
result<client_socket> open_at(const endpoint& address, const udp_client_options& how, int interface) {
    unique_descriptor made{::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int socket = made.get();
    if (!made || !set_buffer(socket, SO_RCVBUF, how.receive_buffer) ||
        !set_buffer(socket, SO_SNDBUF, how.send_buffer) ||
        (is_group(address) && !prepare_for_group(socket, address.family(), how, interface)) ||
        ::connect(socket, address.data(), static_cast<::socklen_t>(address.size())) != 0)
        return last_system_error();
    return client_socket{std::move(made), address};
}

} // namespace

result<client_socket> open_client_socket(const url& where, const udp_client_options& how) {
    check(where);
    check(how);
    const int interface = number_of_interface(how.multicast_interface);
    const auto addresses = resolve(where, resolve_for::connecting);
    if (!addresses)
        return addresses.error();
    error_code failed;
    for (const endpoint& each : *addresses) {
        auto opened = open_at(each, how, interface);
        if (opened)
            return opened;
        failed = opened.error();
    }
    return failed;
}

} // namespace fairlead
