#pragma once

#include "base/unique_descriptor.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

namespace fairlead {

struct listen_socket {
    unique_descriptor socket;
    endpoint local;
};

/// A non-blocking socket that listens at `where`; names are resolved, the first address that works is taken.
///
/// Errors: throws boost::system::system_error whose `what()` names the URL and the reason.
listen_socket open_listen_socket(const url& where);

} // namespace fairlead
