#pragma once

#include "user_change.hpp"

#include <fairlead/server.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// The URLs of a server's admin endpoint, and the options that guard it.
struct admin_settings {
    std::vector<std::string> urls = {};
    admin_options options = {};

    std::vector<std::string> files() const; ///< the files that the endpoint reads
};

/// `--admin URL`, `--admin-token FILE`, `--admin-host NAME`.
void add_admin_options(CLI::App& command, admin_settings& admin);

/// Opens the endpoint at each URL and prints a line `admin URL` for each. Files of Unix sockets belong to `user`.
///
/// Errors: as `server::admin`; throws std::invalid_argument for a token or a name without an endpoint.
void open_admin(server& server, const admin_settings& admin, const std::optional<user_identity>& user);

} // namespace fairlead::command
