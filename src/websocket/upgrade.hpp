#pragma once

#include "http/http_request.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead {

/// A valid request to switch to the WebSocket protocol (RFC 6455, section 4.2.1).
struct websocket_request {
    std::string path = {};
    std::string query = {};
    std::string host = {};
    std::string origin = {}; ///< empty if there is none
    std::string key = {};
    std::vector<std::string> subprotocols = {}; ///< offered by the client, the preferred one first
    std::string extensions = {};                ///< offered by the client; empty if there are none
};

/// Checks an HTTP request. Returns the request for a WebSocket, or the refusal:
///
///     method is not GET         405     Upgrade lacks websocket     426, Upgrade: websocket
///     HTTP/1.0                  400     version is not 13           426, Sec-WebSocket-Version: 13
///     Connection lacks Upgrade  400     bad key or subprotocol      400
std::variant<websocket_request, http_refusal> check_upgrade(const http_request& asked);

/// Returns true if a page of that origin comes from the host of the request, or if there is no origin, because
/// the client is no browser.
///
///     same_origin("https://example.com", "example.com:443")      true
///     same_origin("https://example.com", "example.com:8443")     false
bool same_origin(std::string_view origin, std::string_view host);

/// Returns the answer 101. `subprotocol` and `extensions` are among those that the client offered; empty: none.
std::string accept_upgrade(const websocket_request& asked, std::string_view subprotocol,
                           std::string_view extensions = {});

/// Returns the value of `Sec-WebSocket-Accept` for a key.
std::string websocket_accept(std::string_view key);

/// Returns a key for a client's request. The bytes are random.
std::string make_websocket_key(const std::array<unsigned char, 16>& random);

/// Returns the request of a client. `origin` may be empty; `headers` are added to the usual ones.
///
/// Errors: throws std::invalid_argument if a part has characters that a header must not have.
std::string upgrade_request_text(std::string_view host, std::string_view path_and_query, std::string_view key,
                                 std::string_view origin, const std::vector<std::string>& subprotocols,
                                 const std::vector<std::pair<std::string, std::string>>& headers);

} // namespace fairlead
