#pragma once

#include <fairlead/server.hpp>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// A socket of the service manager, by its name, and the URL of its listener.
struct adoption {
    std::string name;
    std::string url;
};

/// `--adopt NAME=URL`.
void add_adoption_option(CLI::App& command, std::vector<adoption>& adoptions);

/// True if the socket is for the listener at an URL; of WebSocket any path is.
bool is_for(const adoption& one, const std::string& url);

/// Adds the URLs of the adoptions to `urls`, where they are missing; the default URL, which nobody `asked` for, goes.
void listen_where_adopted(const std::vector<adoption>& adoptions, bool asked, std::vector<std::string>& urls);

/// Gives `server` the sockets that the service manager has passed: each to the first URL of its name that it fits.
///
/// Errors: throws std::runtime_error that says what does not fit, which name has no socket, and which socket nobody asked for.
void adopt_sockets(server& server, const std::vector<adoption>& adoptions);

} // namespace fairlead::command
