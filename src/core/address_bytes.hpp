#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <netinet/in.h>

namespace fairlead {

/// Returns the bytes of an IP address, 4 or 16, without port and zone; empty for other addresses.
/// Lifetime: a view of `of`.
inline bytes_view address_bytes(const endpoint& of) noexcept {
    switch (of.family()) {
    case AF_INET: return {&reinterpret_cast<const ::sockaddr_in*>(of.data())->sin_addr, 4};
    case AF_INET6: return {&reinterpret_cast<const ::sockaddr_in6*>(of.data())->sin6_addr, 16};
    default: return {};
    }
}

} // namespace fairlead
