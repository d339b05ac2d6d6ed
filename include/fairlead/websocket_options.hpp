#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/handler.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A handler for one path.
///
///     const websocket text{{.messages = websocket_messages::text}};
///     const websocket_path prices{.path = "/feed", .serve = feed, .messages = text};
struct websocket_path {
    std::string path;                                          ///< such as `/chat`, without a query
    handler serve;                                             ///< each session has its own copy
    std::optional<websocket> messages = {};                    ///< empty: those of the listener
    std::optional<std::vector<std::string>> subprotocols = {}; ///< empty: `websocket_server_options::subprotocols`
};

/// Options of a listener at `ws://` or `wss://`: further handlers, allowed origins, files.
///
///     const websocket_server_options web{.paths = {{"/feed", feed}}, .files = "/usr/share/chat"};
///     server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat, {.websocket = web});
///
/// The handler given to `listen` answers at the path of the URL. A session begins with the HTTP request, so all limits apply to it,
/// and its handler starts after the upgrade. Other requests get an HTTP response.
struct websocket_server_options {
    std::vector<websocket_path> paths = {}; ///< more handlers at the same port

    /// Origins whose pages may connect, such as `https://chat.example`; `*`: all. Empty: pages that come from the host and port
    /// that they connect to. A client without an Origin is no browser, and may connect.
    std::vector<std::string> origins = {};

    /// Subprotocols, the best first (RFC 6455, section 1.9). The first one that the client offers is agreed on. If there is none,
    /// the session begins without one.
    std::vector<std::string> subprotocols = {};

    /// A directory whose files are sent for GET and HEAD; empty: none. `/` is `index.html`. Names consist of letters, digits,
    /// `.`, `_` and `-`, and do not begin with a dot. Directories in it, symbolic links and files above 16 MiB are not served.
    std::string files = {};
};

/// The request of a client at `ws://` or `wss://`.
///
///     connect_options options{.websocket = {.headers = {{"Authorization", "Bearer abc"}}}};
struct websocket_client_options {
    std::string origin = {};                                       ///< the header `Origin`; empty: none
    std::vector<std::string> subprotocols = {};                    ///< offered, the best first
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< further headers: name and value

    bool operator==(const websocket_client_options&) const = default; ///< compares all members
};

} // namespace fairlead
