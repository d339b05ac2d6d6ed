#pragma once

#include "core/address_bytes.hpp"

#include <fairlead/endpoint.hpp>

#include <cstddef>
#include <netinet/in.h>
#include <string>

namespace fairlead {

/// What limits on one address are kept by: the IPv4 address, the /64 of an IPv6 address, which is one customer's; empty for
/// all others.
inline std::string address_key(const endpoint& remote) {
    return std::string{address_bytes(remote).text().substr(0, 8)};
}

/// One address has one of so many parts of what all have together, unless the program says otherwise.
inline constexpr std::size_t parts_of_all = 4;

/// Whether it is an address of this machine's loopback, or of a Unix socket.
inline bool is_loopback(const endpoint& remote) noexcept {
    switch (remote.family()) {
    case AF_INET: return ntohl(reinterpret_cast<const ::sockaddr_in*>(remote.data())->sin_addr.s_addr) >> 24 == 127;
    case AF_INET6: {
        const auto& address = reinterpret_cast<const ::sockaddr_in6*>(remote.data())->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(&address) != 0;
    }
    default: return true;
    }
}

/// Whether it is `0.0.0.0` or `[::]`, all addresses of its family.
inline bool is_wildcard(const endpoint& address) noexcept {
    switch (address.family()) {
    case AF_INET: return reinterpret_cast<const ::sockaddr_in*>(address.data())->sin_addr.s_addr == 0;
    case AF_INET6: {
        const auto& bytes = reinterpret_cast<const ::sockaddr_in6*>(address.data())->sin6_addr;
        return IN6_IS_ADDR_UNSPECIFIED(&bytes) != 0;
    }
    default: return false;
    }
}

} // namespace fairlead
