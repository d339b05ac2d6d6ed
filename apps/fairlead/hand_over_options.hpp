#pragma once

#include "user_change.hpp"

#include <fairlead/server.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace fairlead::command {

/// `--hand-over URL`; empty: none.
void add_hand_over_option(CLI::App& command, std::string& address);

/// Takes over from the process that offers its sockets there, as the user that the server runs as. Before the server listens.
///
/// Errors: as `server::take_over`.
void take_over_sockets(server& server, const std::string& address, const std::optional<user_identity>& user);

/// Offers the sockets to the next process. After the server listens, before it runs.
///
/// Errors: as `server::hand_over`.
void offer_sockets(server& server, const std::string& address, const std::optional<user_identity>& user);

} // namespace fairlead::command
