#include "server/udp_listen_socket.hpp"

#include "core/system_error.hpp"
#include "net/multicast.hpp"
#include "net/resolve.hpp"
#include "net/socket_calls.hpp"
#include "server/listen_error.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdexcept>
#include <string>

namespace fairlead {

namespace {

// Asks for the destination address of each datagram, if the socket can have several addresses.
bool set_address_told(int socket, const endpoint& address) noexcept {
    if (!is_wildcard(address))
        return true;
    const bool six = address.family() == AF_INET6;
    return set_option(socket, IPPROTO_IP, IP_PKTINFO, 1) &&
           (!six || set_option(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
}

// The system may lack the count of drops and the bundles; the socket works without them.
bool prepare(int socket, const endpoint& address, const udp_options& how) noexcept {
    set_option(socket, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (how.offload)
        set_option(socket, IPPROTO_UDP, UDP_GRO, 1);
    return set_buffer(socket, SO_RCVBUF, how.receive_buffer) && set_buffer(socket, SO_SNDBUF, how.send_buffer) &&
           set_address_told(socket, address);
}

bool set_reach(int socket, const endpoint& address, ipv6_reach reach) noexcept {
    return address.family() != AF_INET6 ||
           set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, reach == ipv6_reach::alone ? 1 : 0);
}

// The system reports no zone for a group that is not link-local, but the group is joined on that interface.
endpoint with_zone_of(const endpoint& asked, const endpoint& bound) noexcept {
    if (zone_of(asked) == 0 || bound.family() != AF_INET6)
        return bound;
    ::sockaddr_in6 six = *reinterpret_cast<const ::sockaddr_in6*>(bound.data());
    six.sin6_scope_id = zone_of(asked);
    return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six, transport::udp};
}

error_code open(const endpoint& address, const udp_options& how, ipv6_reach reach, bool sharing,
                listen_socket& opened) {
    opened.socket = unique_descriptor{::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int socket = opened.socket.get();
    if (!opened.socket || !prepare(socket, address, how) || !set_reach(socket, address, reach) ||
        (sharing && !set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1)) || !bind_to(socket, address))
        return last_system_error();
    const auto local = local_endpoint(socket, transport::udp);
    if (!local)
        return local.error();
    opened.local = with_zone_of(address, *local);
    return {};
}

// The first socket was bound alone, so no other program had the port; from now on it may be shared.
void open_others(udp_listen_sockets& sockets, const udp_options& how, ipv6_reach reach, std::size_t threads) {
    if (threads < 2 || !set_option(sockets.front().socket.get(), SOL_SOCKET, SO_REUSEPORT, 1))
        return;
    while (sockets.size() < threads) {
        listen_socket next;
        if (open(sockets.front().local, how, reach, true, next))
            return;
        sockets.push_back(std::move(next));
    }
}

// Each group must be one that at least one of the sockets can join. Errors: throws std::invalid_argument.
void check_groups(const url& url, const std::vector<listen_socket>& sockets,
                  const std::vector<multicast_group>& groups) {
    for (const multicast_group& each : groups) {
        const endpoint group = parse_group(each.address);
        if (std::none_of(sockets.begin(), sockets.end(),
                         [&](const auto& socket) { return can_join(socket.local, group); }))
            throw std::invalid_argument{"nobody at " + url.to_string() + " could hear the group " + each.address +
                                        " of IPv6; listen at an address of IPv6, such as udp://[::]:9000"};
    }
}

void join_or_refuse(const url& url, const listen_socket& socket, const endpoint& group, unsigned interface) {
    const auto joined = join_group(socket.socket.get(), group, interface);
    const bool was_passed = socket.sharing.origin != socket_origin::opened;
    if (!joined && !(was_passed && joined.error().value() == EADDRINUSE)) // it was in the group before
        refuse_to_listen(url, joined.error(), "joining the group " + group.address());
}

// A socket whose address has a zone receives only from that interface. Errors: throws std::invalid_argument
// for another one.
unsigned interface_beside(const endpoint& local, const endpoint& group, unsigned interface) {
    const unsigned zone = zone_of(local);
    if (zone != 0 && interface != 0 && zone != interface)
        throw std::invalid_argument{"nobody at " + local.to_string() + " could hear the group " + group.address() +
                                    " at another interface; listen at [::], or name the same interface"};
    return zone != 0 ? zone : interface;
}

// Joins those of `groups` that the socket can join, and the group that it is bound to, if it is bound to one.
// Returns false if there are no groups.
bool join_groups(const url& url, const listen_socket& socket, const std::vector<multicast_group>& groups) {
    const bool bound_to_one = is_multicast(socket.local);
    if (!bound_to_one && groups.empty())
        return false;
    receive_own_groups_only(socket.socket.get(), socket.local);
    if (bound_to_one)
        join_or_refuse(url, socket, socket.local, zone_of(socket.local));
    for (const multicast_group& each : groups) {
        const endpoint group = parse_group(each.address);
        const unsigned interface = interface_for(group, each.interface);
        if (can_join(socket.local, group))
            join_or_refuse(url, socket, group, interface_beside(socket.local, group, interface));
    }
    return true;
}

} // namespace

void prepare_passed_udp_sockets(const url& url, udp_listen_sockets& sockets, const udp_options& how) {
    check_groups(url, sockets, how.groups);
    for (const listen_socket& each : sockets) {
        if (!prepare(each.socket.get(), each.local, how))
            refuse_to_listen(url, last_system_error(), "a socket that was passed");
    }
    join_groups(url, sockets.front(), how.groups);
}

std::vector<udp_listen_sockets> open_udp_sockets(const url& url, const udp_options& how, std::size_t threads,
                                                 const std::vector<endpoint>& held) {
    const auto addresses = resolve(url, resolve_for::listening);
    if (!addresses)
        refuse_to_listen(url, addresses.error(), explain_listen_failure(addresses.error(), {}, held));
    const ipv6_reach reach = choose_reach(*addresses, held);
    std::vector<listen_socket> opened;
    const auto open_one = [&how, reach](const endpoint& address, listen_socket& socket) {
        return open(address, how, reach, false, socket);
    };
    if (const error_code failed = open_at_all(*addresses, open_one, opened))
        refuse_to_listen(url, failed, explain_listen_failure(failed, *addresses, held));
    check_groups(url, opened, how.groups);

    std::vector<udp_listen_sockets> all;
    for (listen_socket& each : opened) {
        udp_listen_sockets sockets;
        sockets.push_back(std::move(each));
        const bool grouped = join_groups(url, sockets.front(), how.groups);
        if (!grouped)
            open_others(sockets, how, reach, threads);
        all.push_back(std::move(sockets));
    }
    return all;
}

} // namespace fairlead
