#pragma once

#include <fairlead/endpoint.hpp>

#include <string>

namespace fairlead {

/// Whether an address is that of a group of multicast.
bool is_multicast(const endpoint& address) noexcept;

/// The number of a network interface, which stays when its name changes; 0, which leaves the choice to the system, for no
/// name. Errors: throws std::invalid_argument when there is none of that name.
unsigned interface_number(const std::string& name);

} // namespace fairlead
