#pragma once

#include "core/unique_descriptor.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/udp_client.hpp>
#include <fairlead/url.hpp>

namespace fairlead {

struct client_socket {
    unique_descriptor socket; ///< non-blocking, connected
    endpoint remote;
};

/// A UDP socket connected to the first of the URL's addresses that connect(2) takes. Blocks when the host is a name.
///
/// Errors: as `udp_client::connect`.
result<client_socket> open_client_socket(const url& where, const udp_client_options& how);

} // namespace fairlead
