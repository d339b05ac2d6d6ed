#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairlead {

enum class resolve_for { listening, connecting };

/// The addresses a URL stands for, best first, at least one, each once (getaddrinfo(3)). Blocks when the host is a name.
///
/// Errors: what the resolver or the system says.
result<std::vector<endpoint>> resolve(const url& url, resolve_for purpose);

/// The address of a URL that needs no look-up: that of a Unix socket, or of a host that is an address itself. Never blocks.
std::optional<endpoint> resolve_literal(const url& url);

/// Returns the number of the interface that a zone names, by its name or its number; 0 when there is none.
std::uint32_t zone_number(const std::string& zone) noexcept;

/// The address a socket is bound to (getsockname(2)).
result<endpoint> local_endpoint(int socket, transport transport = transport::tcp);

/// Returns whether a socket of TCP or UDP is connected to its own address. That happens when the server is away and the
/// system chooses the very port that is connected to (RFC 9293, section 3.5).
bool is_connected_to_itself(int socket) noexcept;

} // namespace fairlead
