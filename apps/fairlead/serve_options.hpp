#pragma once

#include "admin_options.hpp"
#include "adoption_options.hpp"
#include "broker_options.hpp"
#include "chat/chat_handler.hpp"
#ifdef FAIRLEAD_FILES
#include "file_options.hpp"
#endif
#include "log_options.hpp"
#include "relay_options.hpp"
#include "source_options.hpp"
#include "tls_options.hpp"
#include "user_change.hpp"
#include "websocket_options.hpp"

#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/server_options.hpp>
#include <fairlead/udp.hpp>

#include <CLI/CLI.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// Options of `serve` that hold for the whole process.
struct process_options {
    server_options server;
    std::optional<user_identity> user;
    log_options log;
    std::string audit_log; ///< with FAIRLEAD_FILES
    admin_settings admin;
    std::vector<adoption> adoptions;
    std::string hand_over;
};

/// Options of `serve` that each `[[listen]]` table of a configuration may have for itself.
struct listener_options {
    std::vector<std::string> listen{"tcp://127.0.0.1:9000"};
    std::string framing = "length";
    std::optional<std::size_t> max_message;
    fairlead::limits limits;
    tls_options tls;
    udp_options udp;
    proxy_server_options proxy;
    websocket_settings web;

    // --- of handlers
    std::string prefix;
    std::optional<std::string> text;
    chat_settings chat;
    broker_settings broker;
    relay_settings relay;
    source_settings source;
#ifdef FAIRLEAD_FILES
    file_options files;
#endif
};

/// One list of options serves the command line and the configuration: an option that is added here can be written in both.
void add_process_options(CLI::App& command, process_options& options);

/// The same for each listener; handlers are subcommands.
void add_listener_options(CLI::App& command, listener_options& options);

} // namespace fairlead::command
