#include "datagram/multicast_interface.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <stdexcept>

namespace fairlead {

bool is_multicast(const endpoint& address) noexcept {
    if (address.family() == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const ::sockaddr_in6*>(address.data())->sin6_addr);
    return IN_MULTICAST(ntohl(reinterpret_cast<const ::sockaddr_in*>(address.data())->sin_addr.s_addr));
}

unsigned interface_number(const std::string& name) {
    const unsigned number = name.empty() ? 0 : ::if_nametoindex(name.c_str());
    if (number == 0 && !name.empty())
        throw std::invalid_argument{"there is no network interface '" + name + "' here; `ip link` lists them"};
    return number;
}

} // namespace fairlead
