#pragma once

#include "server/listen_socket.hpp"

#include <fairlead/udp.hpp>

#include <vector>

namespace fairlead {

/// Makes sure that each group is one, and that one of the sockets can join it. Errors: throws std::invalid_argument.
void check_groups(const url& where, const std::vector<listen_socket>& sockets,
                  const std::vector<multicast_group>& groups);

/// Joins groups of the socket's family: those that are asked for, and the one that it is bound to if that is one
/// (RFC 3678). The socket gets what is sent to these groups, and not what others on this machine have joined.
///
/// Gives whether there were any. Errors: throws std::invalid_argument for what is no address of multicast or no
/// interface, and boost::system::system_error when the system refuses; both name `where`.
bool join_groups(const url& where, const listen_socket& socket, const std::vector<multicast_group>& groups);

} // namespace fairlead
