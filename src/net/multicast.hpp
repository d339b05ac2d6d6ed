#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <string>

namespace fairlead {

/// Returns true if an address is that of a multicast group.
bool is_multicast(const endpoint& address) noexcept;

/// Reads the address of a group, of IPv6 with or without a zone. Errors: throws std::invalid_argument if the
/// text is not one, or if there is no interface of that zone.
endpoint parse_group(const std::string& text);

/// Returns the number of a network interface, which stays when its name changes. Returns 0 for an empty name,
/// which leaves the choice to the system. Errors: throws std::invalid_argument if there is no interface of that
/// name.
unsigned interface_number(const std::string& name);

/// Returns the number of the interface in an address's zone, 0 if it has none.
unsigned zone_of(const endpoint& address) noexcept;

/// Returns the number of the interface to use for a group: that of its zone, or that of the name; 0 without
/// either. Errors: throws std::invalid_argument if they are not the same, or as `interface_number` does.
unsigned interface_for(const endpoint& group, const std::string& name);

/// Returns true if a socket bound to `local` can join a group. A socket of IPv6 can join groups of both families.
bool can_join(const endpoint& local, const endpoint& group) noexcept;

/// Restricts a socket to the groups that it joins itself. By default, Linux also delivers datagrams of groups
/// that other sockets of this machine have joined.
void receive_own_groups_only(int socket, const endpoint& local) noexcept;

/// Joins a group (RFC 3678). Errors: those of setsockopt(2).
result<void> join_group(int socket, const endpoint& group, unsigned interface) noexcept;

} // namespace fairlead
