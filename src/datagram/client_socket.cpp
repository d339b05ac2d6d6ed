#include "datagram/client_socket.hpp"

#include "core/system_error.hpp"
#include "net/multicast.hpp"
#include "net/resolve.hpp"
#include "net/socket_calls.hpp"

#include <cerrno>
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

// Returns the number of the interface for datagrams to a group; 0: the system chooses. Throws std::invalid_argument.
unsigned interface_of(const endpoint& address, const udp_client_options& how) {
    return is_multicast(address) ? interface_for(address, how.multicast_interface)
                                 : interface_number(how.multicast_interface);
}

void check(const url& url, const udp_client_options& how) {
    const std::string start = "cannot send datagrams to '" + url.to_string() + "': ";
    const std::string form = "; write udp://HOST:PORT, such as udp://127.0.0.1:9000";
    if (url.transport != transport::udp)
        refuse(start + "it is no URL of UDP" + form);
    if (url.port == 0)
        refuse(start + "port 0 stands for a free one to listen on, not for one to send to" + form);
    if (const auto literal = resolve_literal(url))
        static_cast<void>(interface_of(*literal, how));
    else
        static_cast<void>(interface_number(how.multicast_interface));
}

void check(const udp_client_options& how) {
    if (how.deadline.count() < 0)
        refuse("a deadline below 0 ms cannot be kept; 0 is none");
    if (how.multicast_ttl < 0 || how.multicast_ttl > 255)
        refuse("multicast_ttl is " + std::to_string(how.multicast_ttl) + "; give it 0 to 255, 1 for this network only");
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
           (interface == 0 || ::setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by) == 0);
}

// EAGAIN of connect(2) means that no local port is free.
error_code in_our_words(const error_code& failed) noexcept {
    return failed.value() == EAGAIN ? system_code(EADDRNOTAVAIL) : failed;
}

// Sets the interface of a group before connect(2), which chooses the source address of the datagrams.
result<unique_descriptor> connect_at(const endpoint& address, const udp_client_options& how, int interface) {
    unique_descriptor made{::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int socket = made.get();
    if (!made || !set_buffer(socket, SO_RCVBUF, how.receive_buffer) ||
        !set_buffer(socket, SO_SNDBUF, how.send_buffer) ||
        (is_multicast(address) && !prepare_for_group(socket, address.family(), how, interface)) ||
        ::connect(socket, address.data(), static_cast<::socklen_t>(address.size())) != 0)
        return in_our_words(last_system_error());
    return made;
}

// A client that is connected to itself would take its own datagrams for replies. In that case this socket keeps the
// server's port, and the system chooses another port for a second socket.
result<connected_socket> open_at(const endpoint& address, const udp_client_options& how) {
    const auto interface = static_cast<int>(interface_of(address, how));
    auto made = connect_at(address, how, interface);
    if (made && is_connected_to_itself(made->get())) {
        const unique_descriptor holder = std::move(*made);
        made = connect_at(address, how, interface);
    }
    if (!made)
        return made.error();
    return connected_socket{std::move(*made), address};
}

} // namespace

void check_client(const url& url, const udp_client_options& how) {
    check(url, how);
    check(how);
}

result<connected_socket> open_client_socket(const std::vector<endpoint>& addresses, const udp_client_options& how) {
    error_code failed;
    for (const endpoint& each : addresses) {
        auto opened = open_at(each, how);
        if (opened)
            return opened;
        failed = opened.error();
    }
    return failed;
}

} // namespace fairlead
