#pragma once

#include <fairlead/framing/framing.hpp>
#include <fairlead/url.hpp>
#include <fairlead/websocket_options.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// WebSocket of the listeners of `serve`.
struct websocket_settings {
    bool text = false;
    bool deflate = false;
    std::string given; ///< the first option of WebSocket on the command line; empty: none
    websocket_server_options rest;

    /// Returns the options for those of the URLs that are of WebSocket.
    ///
    /// Errors: throws std::invalid_argument with advice if an option is given and none of them is.
    websocket_server_options settings(const std::vector<std::string>& urls) const;
};

void add_websocket_options(CLI::App& command, websocket_settings& options);

/// Returns the text of the messages of a WebSocket, for `parse_framing`.
std::string websocket_text(const websocket_settings& options);

/// Returns the framing of a client, or the messages of WebSocket: `text`, unless that is not `given` and the URL says otherwise.
std::string framing_text_for(const url& address, const std::string& text, bool given, const std::string& websocket);

} // namespace fairlead::command
