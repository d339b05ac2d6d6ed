#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <optional>
#include <vector>

namespace fairlead {

enum class resolve_for { listening, connecting };

/// The addresses a URL stands for, best first, at least one, each once (getaddrinfo(3)). Blocks when the host is a name.
///
/// Errors: what the resolver or the system says.
result<std::vector<endpoint>> resolve(const url& where, resolve_for purpose);

/// The address of a URL that needs no look-up: that of a Unix socket, or of a host that is an address itself. Never blocks.
std::optional<endpoint> resolve_literal(const url& where);

/// The address a socket is bound to (getsockname(2)).
result<endpoint> local_endpoint(int socket, transport transport = transport::tcp);

} // namespace fairlead
