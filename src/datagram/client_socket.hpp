#pragma once

#include "core/unique_descriptor.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/udp_client.hpp>
#include <fairlead/url.hpp>

#include <vector>

namespace fairlead {

struct connected_socket {
    unique_descriptor socket; ///< non-blocking, connected
    endpoint remote;
};

/// Checks the arguments of `udp_client::connect`. Errors: throws std::invalid_argument.
void check_client(const url& url, const udp_client_options& how);

/// Returns a UDP socket connected to the first address that connect(2) accepts. Errors: those of the last address.
result<connected_socket> open_client_socket(const std::vector<endpoint>& addresses, const udp_client_options& how);

} // namespace fairlead
