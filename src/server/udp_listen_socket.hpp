#pragma once

#include "server/listen_socket.hpp"

#include <fairlead/udp.hpp>

#include <cstddef>
#include <vector>

namespace fairlead {

/// The sockets of one address: one for each thread. The system divides the peers among them, always in the
/// same way (SO_REUSEPORT, socket(7)). There is only one if the system does not do that, or if multicast
/// groups are joined, because each socket would get its own copy of each datagram to a group.
using udp_listen_sockets = std::vector<listen_socket>;

/// Prepares sockets that were passed for one address like opened ones, and joins the groups that they are not in.
///
/// Errors: as below.
void prepare_passed_udp_sockets(const url& url, udp_listen_sockets& sockets, const udp_options& how);

/// Opens non-blocking sockets bound at `url`, for at most `threads` threads, at each address of the host that
/// this machine has. A port that another program uses is refused. If several sockets share the port, a
/// program of the same user that sets SO_REUSEPORT as well can join them. `[::]` takes IPv4 as well, unless
/// IPv4 is asked for separately; see `open_listen_sockets`.
///
/// Errors: throws boost::system::system_error whose `what()` names the URL and the reason, and
/// std::invalid_argument for a group that is none; then nothing is left open.
std::vector<udp_listen_sockets> open_udp_sockets(const url& url, const udp_options& how, std::size_t threads,
                                                 const std::vector<endpoint>& held = {});

} // namespace fairlead
