#include "net/multicast.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"
#include "net/socket_calls.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <stdexcept>

namespace fairlead {

namespace {

[[noreturn]] void refuse_interface(const std::string& name) {
    throw std::invalid_argument{"there is no network interface '" + name + "' here; `ip link` lists them"};
}

// Reads an address of either family. Returns an unspecified endpoint if the text is none.
endpoint parse_address(const std::string& text) {
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1)
        return {reinterpret_cast<const ::sockaddr*>(&four), sizeof four, transport::udp};
    ::sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    const auto mark = text.find('%');
    if (::inet_pton(AF_INET6, text.substr(0, mark).c_str(), &six.sin6_addr) != 1)
        return {};
    if (mark != std::string::npos) {
        six.sin6_scope_id = zone_number(text.substr(mark + 1));
        if (six.sin6_scope_id == 0)
            refuse_interface(text.substr(mark + 1));
    }
    return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six, transport::udp};
}

} // namespace

bool is_multicast(const endpoint& address) noexcept {
    if (address.family() == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const ::sockaddr_in6*>(address.data())->sin6_addr);
    return IN_MULTICAST(ntohl(reinterpret_cast<const ::sockaddr_in*>(address.data())->sin_addr.s_addr));
}

endpoint parse_group(const std::string& text) {
    const endpoint group = parse_address(text);
    if (group.family() == AF_UNSPEC || !is_multicast(group))
        throw std::invalid_argument{"'" + text +
                                    "' is no address of multicast; write one such as 239.255.0.1 or ff02::1234"};
    return group;
}

unsigned interface_number(const std::string& name) {
    const unsigned number = name.empty() ? 0 : ::if_nametoindex(name.c_str());
    if (number == 0 && !name.empty())
        refuse_interface(name);
    return number;
}

unsigned zone_of(const endpoint& address) noexcept {
    return address.family() == AF_INET6 ? reinterpret_cast<const ::sockaddr_in6*>(address.data())->sin6_scope_id : 0;
}

unsigned interface_for(const endpoint& group, const std::string& name) {
    const unsigned zone = zone_of(group);
    const unsigned named = interface_number(name);
    if (zone != 0 && named != 0 && zone != named)
        throw std::invalid_argument{"the zone of " + group.address() + " is another interface than '" + name +
                                    "'; name one of them"};
    return zone != 0 ? zone : named;
}

bool can_join(const endpoint& local, const endpoint& group) noexcept {
    return group.family() == local.family() || local.family() == AF_INET6;
}

void receive_own_groups_only(int socket, const endpoint& local) noexcept {
    set_option(socket, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    if (local.family() == AF_INET6)
        set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
}

result<void> join_group(int socket, const endpoint& group, unsigned interface) noexcept {
    ::group_req request{};
    request.gr_interface = interface;
    std::memcpy(&request.gr_group, group.data(), group.size());
    const int level = group.family() == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    if (::setsockopt(socket, level, MCAST_JOIN_GROUP, &request, sizeof request) != 0)
        return last_system_error();
    return {};
}

} // namespace fairlead
