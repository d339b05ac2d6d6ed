#pragma once

#include <fairlead/api.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/session.hpp>
#include <fairlead/splice.hpp>

#include <optional>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Options of `relay`.
struct relay_options {
    fairlead::connect_options connect = {}; ///< of each connection to the target; `connect.proxy` is not used
    std::optional<proxy_version> announce =
        {};                     ///< tells the target the addresses of the client; nullopt: no PROXY header
    splice_options splice = {}; ///< of the two sessions
};

/// Returns a handler that connects each session to `target` and joins both, see `splice`.
///
///     relay_options how{.announce = proxy_version::v2};
///     server.listen("tls://0.0.0.0:443", raw{}, relay("tcp://127.0.0.1:8080", raw{}, how), {.tls = certificates});
///
/// `messages` is the framing of the target. It may differ from that of the listener: each message is framed anew.
///
///     client ──any transport, any framing──▶ listener ──relay──▶ any transport, any framing ──▶ target
///
/// Nothing is read from a client until its connection to the target is made. If that fails, the client is reset. The log has a
/// warning with the reason, as for a connection to the target that fails later. Files of certificates are read once, here;
/// connections over TLS resume. For limits and ends see `splice`.
///
/// Errors: throws std::invalid_argument for a target to which `connect` cannot connect, for files of certificates that cannot be
/// used, and for a negative time limit.
session_handler relay(std::string_view target, framing messages);
/// The same with options.
session_handler relay(std::string_view target, framing messages, relay_options options);

} // namespace fairlead
