#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

#include <string>
#include <vector>

namespace fairlead {

/// The properties of a descriptor that was passed to a server.
struct socket_facts {
    bool is_socket = false;
    int family = 0;         ///< SO_DOMAIN
    int type = 0;           ///< SO_TYPE
    bool listening = false; ///< SO_ACCEPTCONN
    endpoint local = {};
};

socket_facts look_at_socket(int descriptor) noexcept;

/// Explains why a socket cannot be the listener for `url`, whose host has `addresses`, and how to correct it;
/// empty if it can. Port 0 of the URL is any port. Pure.
std::string explain_misfit(const socket_facts& found, const url& url, const std::vector<endpoint>& addresses);

/// Describes the socket, such as `a stream socket of IPv4 that listens at 0.0.0.0:9000`; `no socket` if it is none.
std::string describe(const socket_facts& found);

} // namespace fairlead
