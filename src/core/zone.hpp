#pragma once

#include <netinet/in.h>

namespace fairlead {

/// Returns true if an IPv6 address may have a zone (RFC 4007): link-local addresses belong to one
/// interface, and groups are joined on one. The system ignores the zone of other addresses.
inline bool may_have_zone(const ::in6_addr& address) noexcept {
    return IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MULTICAST(&address);
}

} // namespace fairlead
