#pragma once

#include "net/address_key.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead {

/// What a socket bound to `[::]` receives (IPV6_V6ONLY, ipv6(7)).
enum class ipv6_reach : std::uint8_t { with_ipv4, alone };

/// Returns the reach of IPv6 sockets at `asked`, the addresses of one URL, beside those that the server `held` already.
/// One port of IPv4 is taken once only, so IPv6 leaves it alone where IPv4 is asked for by itself.
ipv6_reach choose_reach(const std::vector<endpoint>& asked, const std::vector<endpoint>& held) noexcept;

/// Returns what is known about a failure to listen at `asked`, in words: which of the server's own addresses stands in
/// the way, or what is wrong with the address. Empty when nothing is known.
std::string explain_listen_failure(const error_code& why, const std::vector<endpoint>& asked,
                                   const std::vector<endpoint>& held);

} // namespace fairlead
