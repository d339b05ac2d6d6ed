#pragma once

#include "server/web_files.hpp"

#include <fairlead/framing/websocket.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/url.hpp>
#include <fairlead/websocket_options.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// The rules of a WebSocket listener for the requests of its connections.
///
/// Thread safety: any thread; it does not change.
struct web_rules {
    /// Errors: throws std::invalid_argument with advice for a path that no request can have, two handlers of
    /// one path, and an invalid subprotocol or origin; those of `web_files`.
    web_rules(const url& at, const websocket& how, handler serve, const websocket_server_options& options);

    const websocket_path* find(std::string_view path) const noexcept; ///< null: nothing is served there
    std::string listed_paths() const;                                 ///< `/chat, /feed`
    std::size_t max_message() const noexcept;                         ///< the largest of all paths

    std::vector<websocket_path> paths; ///< each with messages and subprotocols
    const std::vector<std::string> origins;
    std::optional<const web_files> files;
};

} // namespace fairlead
