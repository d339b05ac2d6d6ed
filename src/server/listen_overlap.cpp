#include "server/listen_overlap.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>

namespace fairlead {

namespace {

const ::sockaddr_in6& ipv6_of(const endpoint& address) noexcept {
    return *reinterpret_cast<const ::sockaddr_in6*>(address.data());
}

bool same_port(const endpoint& a, const endpoint& b) noexcept {
    return a.transport() == b.transport() && a.port() == b.port() && a.port() != 0;
}

bool is_all_of(int family, const endpoint& address) noexcept {
    return address.family() == family && is_wildcard(address);
}

// Returns true if a socket at `all` receives packets for `one`.
bool takes_in(const endpoint& all, const endpoint& one) noexcept {
    return is_wildcard(all) && (all.family() == one.family() || all.family() == AF_INET6);
}

bool has_port(const endpoint& address) noexcept {
    return address.port() != 0;
}

bool is_privileged(const endpoint& address) noexcept {
    return has_port(address) && address.port() < IPPORT_RESERVED;
}

bool needs_zone(const endpoint& address) noexcept {
    if (address.family() != AF_INET6)
        return false;
    const ::sockaddr_in6& six = ipv6_of(address);
    return six.sin6_scope_id == 0 &&
           (IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&six.sin6_addr));
}

std::string explain_overlap(const endpoint& asked, const endpoint& held) {
    const std::string start = "this server listens at " + held.to_string() + " already";
    if (asked == held)
        return start;
    if (takes_in(held, asked))
        return is_all_of(AF_INET, asked)
                   ? start + ", which takes IPv4 as well; leave one out, or listen at 0.0.0.0 before [::]"
                   : start + ", which takes in " + asked.address();
    return start + ", which is a part of " + asked.to_string();
}

} // namespace

ipv6_reach choose_reach(const std::vector<endpoint>& asked, const std::vector<endpoint>& held) noexcept {
    const bool ipv4_asked =
        std::any_of(asked.begin(), asked.end(), [](const endpoint& each) { return each.family() == AF_INET; });
    const bool ipv4_held = std::any_of(asked.begin(), asked.end(), [&](const endpoint& six) {
        return is_all_of(AF_INET6, six) && std::any_of(held.begin(), held.end(), [&](const endpoint& each) {
                   return is_all_of(AF_INET, each) && same_port(each, six);
               });
    });
    return ipv4_asked || ipv4_held ? ipv6_reach::alone : ipv6_reach::with_ipv4;
}

std::string explain_listen_failure(const error_code& why, const std::vector<endpoint>& asked,
                                   const std::vector<endpoint>& held) {
    switch (why.value()) {
    case ENODEV: return "there is no such network interface here; `ip link` lists them";
    case EINVAL:
        return std::any_of(asked.begin(), asked.end(), needs_zone)
                   ? "a link-local address needs its interface, as in [fe80::1%25eth0]"
                   : "";
    case EADDRINUSE:
        for (const endpoint& each : asked) {
            for (const endpoint& other : held) {
                if (each == other || (same_port(each, other) && (takes_in(other, each) || takes_in(each, other))))
                    return explain_overlap(each, other);
            }
        }
        return std::any_of(asked.begin(), asked.end(), has_port)
                   ? "another program uses this port; stop it, or choose another port"
                   : "";
    case EADDRNOTAVAIL: return "this machine does not have that address; `ip address` lists those that it has";
    case EACCES:
        return std::any_of(asked.begin(), asked.end(), is_privileged)
                   ? "ports below 1024 need the right CAP_NET_BIND_SERVICE; choose a higher port, or grant that right"
                   : "";
    default: return {};
    }
}

} // namespace fairlead
