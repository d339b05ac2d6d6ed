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
///
/// | request                    | answer                                                                                |
/// |----------------------------|---------------------------------------------------------------------------------------|
/// | `GET /`                    | the live page for a browser                                                           |
/// | `GET /metrics`             | `server::metrics_text`; OpenMetrics if the client prefers it                          |
/// | `GET /healthz`             | 200, or 503 while a thread has been blocked for a second, with the handler's session  |
/// | `GET /readyz`              | 200 while the server accepts; 503 before it runs and from `stop` on                   |
/// | `GET /state`               | counters, listeners and threads as JSON                                               |
/// | `GET /events`              | the same once a second, as server-sent events; for four clients at a time             |
/// | `GET /sessions`            | sessions as JSON; `sort`, `order`, `limit`, `listener`, `remote`, `state`, `transport` |
/// | `POST /drain`              | as `server::stop`                                                                     |
/// | `POST /sessions/ID/close`  | closes a session at once, as `session::abort` with `errc::closed`                     |
/// | `POST /reload`             | calls `server_options::on_reload`                                                     |
///
/// POST needs a Unix socket, or `Authorization: Bearer` with the token of `token_file`. GET over TCP needs nothing and shows
/// addresses of peers; a warning is logged if other machines can reach it. A Unix socket without a file (`unix://@NAME`) is for
/// root and the user of this process.
///
/// The endpoint takes up to 16 connections; more wait. `/sessions` names threads that have not answered within 0.2 s in
/// `blocked_shards`, and leaves out sessions that begin or end meanwhile.
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
