#include "datagram/reply_rules.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace fairlead {

namespace {

constexpr std::uint16_t service_ports[] = {
    7,     // echo
    9,     // discard
    13,    // daytime
    17,    // quote of the day
    19,    // chargen
    37,    // time
    53,    // DNS
    69,    // TFTP
    111,   // portmapper
    123,   // NTP
    137,   // NetBIOS name service
    161,   // SNMP
    389,   // connectionless LDAP
    520,   // RIP
    1900,  // SSDP
    3702,  // WS-Discovery
    5353,  // mDNS
    11211, // memcached
};
static_assert(std::is_sorted(std::begin(service_ports), std::end(service_ports)));

// An IPv4 or IPv6 address. IPv4-mapped addresses are stored as IPv4.
struct address {
    bool four;
    ::in6_addr bytes; // an IPv4 address is in the first four
};

address unmapped(const ::in6_addr& six) noexcept {
    address found{IN6_IS_ADDR_V4MAPPED(&six) != 0, six};
    if (found.four)
        std::memcpy(&found.bytes, six.s6_addr + 12, 4);
    return found;
}

address address_of(const ::sockaddr* local) noexcept {
    if (local->sa_family == AF_INET6)
        return unmapped(reinterpret_cast<const ::sockaddr_in6*>(local)->sin6_addr);
    address found{true, {}};
    std::memcpy(&found.bytes, &reinterpret_cast<const ::sockaddr_in*>(local)->sin_addr, 4);
    return found;
}

address address_of(const local_address& local) noexcept {
    return local.family == AF_INET6 ? unmapped(local.address) : address{true, local.address};
}

bool equal(const address& a, const address& b) noexcept {
    return a.four == b.four && std::memcmp(&a.bytes, &b.bytes, a.four ? 4 : sizeof a.bytes) == 0;
}

bool is_loopback(const address& which) noexcept {
    return which.four ? which.bytes.s6_addr[0] == 127 : IN6_IS_ADDR_LOOPBACK(&which.bytes) != 0;
}

} // namespace

bool is_service_port(std::uint16_t port) noexcept {
    return std::binary_search(std::begin(service_ports), std::end(service_ports), port);
}

// sin_port and sin6_port have the same offset.
std::uint16_t peer_port(const datagram_path& path) noexcept {
    return ntohs(reinterpret_cast<const ::sockaddr_in*>(path.peer_data())->sin_port);
}

bool comes_from_ourselves(const datagram_path& path, const endpoint& bound) noexcept {
    if (peer_port(path) != bound.port())
        return false;
    const address remote = address_of(path.remote_data());
    return is_loopback(remote) || equal(remote, address_of(bound.data())) ||
           (path.local.family != AF_UNSPEC && equal(remote, address_of(path.local)));
}

std::uint64_t source_key(const ::sockaddr* peer) noexcept {
    const address found = address_of(peer);
    std::uint64_t key = 0;
    std::memcpy(&key, &found.bytes, found.four ? 4 : 8);
    constexpr std::uint64_t of_ipv4 = std::uint64_t{1} << 32;
    return found.four ? key | of_ipv4 : std::max<std::uint64_t>(key, 1);
}

} // namespace fairlead
