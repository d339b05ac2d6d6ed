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

/// Returns the addresses of a URL: best first, at least one, each once (getaddrinfo(3)). Blocks if the host is
/// a name.
///
/// Errors: those of the resolver and of the system.
result<std::vector<endpoint>> resolve(const url& url, resolve_for purpose);

/// Returns the address of a URL that needs no look-up: a Unix socket, or a host that is an address. Returns
/// nullopt for others. Never blocks.
std::optional<endpoint> resolve_literal(const url& url);

/// Returns the number of the interface that a zone names, by its name or its number; 0 when there is none.
std::uint32_t zone_number(const std::string& zone) noexcept;

/// Returns the address that a socket is bound to (getsockname(2)).
result<endpoint> local_endpoint(int socket, transport transport = transport::tcp);

/// Returns true if a socket of TCP or UDP is connected to its own address. That happens if no server listens
/// and the system chooses the very port that is connected to (RFC 9293, section 3.5).
bool is_connected_to_itself(int socket) noexcept;

} // namespace fairlead
