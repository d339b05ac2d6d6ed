#pragma once

#include "server/listen_socket.hpp"

#include <fairlead/udp.hpp>

#include <cstddef>
#include <vector>

namespace fairlead {

/// The sockets of one address: one for each thread, among which the system divides the peers, always in the same way
/// (SO_REUSEPORT, socket(7)); just one where it does not, or where groups of multicast are joined, for each socket would
/// get its own copy of what is sent to a group.
using udp_listen_sockets = std::vector<listen_socket>;

/// Sets on sockets that were passed for one address what is set on our own, and joins the groups that they are not in.
///
/// Errors: as below.
void prepare_passed_udp_sockets(const url& url, udp_listen_sockets& sockets, const udp_options& how);

/// Sockets bound at `url`, for at most `threads` threads, that do not block; for each address of the host that this
/// machine has. A port that another program uses is refused. Where
/// several sockets share ours, a program of the same user that sets SO_REUSEPORT as well can join them. `[::]` takes IPv4 as well, unless
/// IPv4 is asked for beside it; see `open_listen_sockets`.
///
/// Errors: throws boost::system::system_error whose `what()` names the URL and the reason, and std::invalid_argument for a
/// group that is none; then nothing is left open.
std::vector<udp_listen_sockets> open_udp_sockets(const url& url, const udp_options& how, std::size_t threads,
                                                 const std::vector<endpoint>& held = {});

} // namespace fairlead
