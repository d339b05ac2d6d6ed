#pragma once

#include <netinet/in.h>

namespace fairlead {

/// Returns whether a zone of an IPv6 address says something (RFC 4007): link-local addresses are of one interface, and
/// groups are joined at one. With any other address the system ignores it.
inline bool may_have_zone(const ::in6_addr& address) noexcept {
    return IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MULTICAST(&address);
}

} // namespace fairlead
