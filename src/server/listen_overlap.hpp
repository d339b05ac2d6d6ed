#pragma once

#include "net/address_key.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead {

/// The packets that a socket bound to `[::]` receives: IPv6 with IPv4, or IPv6 alone (IPV6_V6ONLY, ipv6(7)).
enum class ipv6_reach : std::uint8_t { with_ipv4, alone };

/// Returns the reach of IPv6 sockets at `asked`, the addresses of one URL. `held`: the addresses that the server has
/// already. An IPv4 port can be bound only once, so IPv6 sockets leave IPv4 out if IPv4 has a socket of its own.
ipv6_reach choose_reach(const std::vector<endpoint>& asked, const std::vector<endpoint>& held) noexcept;

/// Explains a failure to listen at `asked`: names the address in `held` that overlaps, or the fault of the
/// address. Returns an empty string if the cause is not known.
std::string explain_listen_failure(const error_code& why, const std::vector<endpoint>& asked,
                                   const std::vector<endpoint>& held);

} // namespace fairlead
