#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <string>

namespace fairlead {

/// Returns whether an address is that of a multicast group.
bool is_multicast(const endpoint& address) noexcept;

/// Reads the address of a group. Errors: throws std::invalid_argument if it is not one.
endpoint parse_group(const std::string& text);

/// Returns the number of a network interface, which stays when its name changes; 0, which leaves the choice to the
/// system, for an empty name. Errors: throws std::invalid_argument if there is no interface of that name.
unsigned interface_number(const std::string& name);

/// Returns whether a socket bound to `local` can join a group: one of IPv6 serves both families.
bool can_join(const endpoint& local, const endpoint& group) noexcept;

/// Restricts a socket to the groups that it joins itself; by default Linux also delivers to it what is sent to groups
/// that other sockets of this machine have joined.
void receive_own_groups_only(int socket, const endpoint& local) noexcept;

/// Joins a group (RFC 3678). Errors: those of setsockopt(2).
result<void> join_group(int socket, const endpoint& group, unsigned interface) noexcept;

} // namespace fairlead
