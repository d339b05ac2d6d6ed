#pragma once

#include <fairlead/api.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// Options of the admin endpoint, see `server::admin`.
///
///     admin_options guarded;
///     guarded.token_file = "/etc/echo/admin-token";
///     server.admin("tcp://127.0.0.1:9901", guarded);
struct admin_options {
    /// A file with the secret that requests over TCP need before they may change something: 16 to 512 visible ASCII characters.
    /// Read by `server::admin`, once. Other users must have no right to the file. Empty: over TCP nothing can be changed.
    std::string token_file = {};

    /// Names of this machine that a request over TCP may have in its header `Host`, beside IP addresses and `localhost`. Other
    /// names are refused, because a web page elsewhere can make a name of its own lead here (DNS rebinding).
    std::vector<std::string> host_names = {};

    ::mode_t unix_mode = 0600; ///< permissions of the file of a Unix socket; write permission allows all requests
};

} // namespace fairlead
