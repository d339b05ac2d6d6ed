#include "server/multicast.hpp"

#include "core/system_error.hpp"
#include "datagram/multicast_interface.hpp"
#include "net/socket_calls.hpp"
#include "server/listen_error.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>

namespace fairlead {

namespace {

// An address as text, of either family.
endpoint parse_address(const std::string& text) {
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1)
        return {reinterpret_cast<const ::sockaddr*>(&four), sizeof four, transport::udp};
    ::sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1)
        return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six, transport::udp};
    return {};
}

endpoint parse(const multicast_group& named) {
    const endpoint group = parse_address(named.address);
    if (group.family() == AF_UNSPEC || !is_multicast(group))
        throw std::invalid_argument{"'" + named.address +
                                    "' is no address of multicast; write one such as 239.255.0.1 or ff02::1234"};
    return group;
}

// A socket of IPv6 is one for both families.
bool can_join(const listen_socket& socket, const endpoint& group) noexcept {
    return group.family() == socket.local.family() || socket.local.family() == AF_INET6;
}

error_code join(int socket, const endpoint& group, unsigned interface) noexcept {
    ::group_req request{};
    request.gr_interface = interface;
    std::memcpy(&request.gr_group, group.data(), group.size());
    const int level = group.family() == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    if (::setsockopt(socket, level, MCAST_JOIN_GROUP, &request, sizeof request) != 0)
        return last_system_error();
    return {};
}

void join_or_refuse(const url& where, const listen_socket& socket, const endpoint& group, unsigned interface) {
    if (const error_code failed = join(socket.socket.get(), group, interface))
        refuse_to_listen(where, failed, "joining the group " + group.address());
}

} // namespace

void check_groups(const url& where, const std::vector<listen_socket>& sockets,
                  const std::vector<multicast_group>& groups) {
    for (const multicast_group& each : groups) {
        const endpoint group = parse(each);
        if (std::none_of(sockets.begin(), sockets.end(), [&](const auto& socket) { return can_join(socket, group); }))
            throw std::invalid_argument{"nobody at " + where.to_string() + " could hear the group " + each.address +
                                        " of IPv6; listen at an address of IPv6, such as udp://[::]:9000"};
    }
}

bool join_groups(const url& where, const listen_socket& socket, const std::vector<multicast_group>& groups) {
    const bool bound_to_one = is_multicast(socket.local);
    if (!bound_to_one && groups.empty())
        return false;
    set_option(socket.socket.get(), IPPROTO_IP, IP_MULTICAST_ALL, 0);
    if (socket.local.family() == AF_INET6)
        set_option(socket.socket.get(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
    if (bound_to_one)
        join_or_refuse(where, socket, socket.local, 0);
    for (const multicast_group& each : groups) {
        const endpoint group = parse(each);
        const unsigned interface = interface_number(each.interface);
        if (can_join(socket, group))
            join_or_refuse(where, socket, group, interface);
    }
    return true;
}

} // namespace fairlead
