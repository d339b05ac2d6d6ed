#pragma once

#include "core/address_bytes.hpp"

#include <fairlead/endpoint.hpp>

#include <cstddef>
#include <netinet/in.h>
#include <string>

namespace fairlead {

/// Returns the key for limits on one address: the IPv4 address, or the /64 of an IPv6 address, which belongs to
/// one customer. Empty for all others.
inline std::string address_key(const endpoint& remote) {
    return std::string{address_bytes(remote).text().substr(0, 8)};
}

/// By default, one address may use one of this many parts of a limit for all addresses.
inline constexpr std::size_t parts_of_all = 4;

/// Returns true for an address of this machine's loopback, and for all families except IPv4 and IPv6, such as
/// Unix sockets.
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

/// Returns true for `0.0.0.0` and `[::]`, which mean all addresses of their family.
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
