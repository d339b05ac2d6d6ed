#pragma once

#include "http/http_request.hpp"
#include "http/http_response.hpp"
#include "server/web_rules.hpp"
#include "websocket/deflate_extension.hpp"
#include "websocket/upgrade.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace fairlead {

/// The request is an upgrade: a WebSocket session begins.
struct web_upgrade {
    websocket_request asked;
    const websocket_path& at; ///< in the rules
    std::string subprotocol;  ///< the one that is agreed on; empty: none
    deflate_agreement deflate;
};

/// The request is for a file.
struct web_file_request {};

/// Decides how a request is answered. No I/O.
///
///     Upgrade:   unknown path 404 · not a valid one 400, 405, 426 · origin not allowed 403 · else web_upgrade
///     none:      a path of a handler 426 · files are served: GET, HEAD web_file_request, others 405 · else 404
///                `/` is a file where files are served, also if it has a handler
std::variant<web_upgrade, web_file_request, http_response> decide(const http_request& asked, const web_rules& rules);

/// Returns true for a request that asks for WebSocket.
bool wants_websocket(const http_request& asked);

/// Returns the response to a request that is refused.
http_response refuse(unsigned status, std::string_view why);

} // namespace fairlead
