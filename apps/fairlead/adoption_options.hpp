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

/// Returns true if the socket is for the listener at this URL. For WebSocket the path does not matter.
bool is_for(const adoption& one, const std::string& url);

/// Adds the URLs of the adoptions that `urls` lacks. If there are adoptions and no URL was `asked` for,
/// removes the default URL first.
void listen_where_adopted(const std::vector<adoption>& adoptions, bool asked, std::vector<std::string>& urls);

/// Passes the sockets of the service manager to `server`: each to the first URL of its name that it fits.
///
/// Errors: throws std::runtime_error that names the sockets that fit no adoption, or an adoption without a socket.
void adopt_sockets(server& server, const std::vector<adoption>& adoptions);

} // namespace fairlead::command
