#pragma once

#include "base/unique_descriptor.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

#include <chrono>

namespace fairlead::command {

struct connection {
    unique_descriptor socket; ///< non-blocking, TCP_NODELAY if it is of TCP
    endpoint remote;
};

/// Connects to the first of the server's addresses that answers, within `timeout` for all of them. When a Unix socket
/// has no room in its backlog, that is waited for.
///
/// Errors: throws std::runtime_error; its sentence names the URL, the reason and what to do.
connection connect_to(const url& where, std::chrono::milliseconds timeout);

} // namespace fairlead::command
