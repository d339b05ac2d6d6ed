#pragma once

#include "client_tls.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// The options of a listener that its target takes over.
struct relay_front {
    std::string framing;
    std::optional<std::size_t> max_message;
    fairlead::limits limits;
    bool of_websocket;                   ///< one of its URLs is
    std::string websocket = "websocket"; ///< its messages of WebSocket
};

/// The handler `relay` of `serve`.
struct relay_settings {
    std::string to;       ///< the URL of the target; empty: not given
    std::string framing;  ///< of the target; empty: that of the listener, or the messages of WebSocket
    std::string announce; ///< `v1` or `v2`: the version of the PROXY header; empty: none
    std::chrono::milliseconds connect_timeout{10'000};
    client_tls tls{.prefix = "to-tls-"};

    /// Checks all but the files.
    ///
    /// Errors: throws std::invalid_argument with advice.
    void check(const relay_front& front) const;

    /// Returns how clients divide bytes into messages at an URL of the listener with this framing. If both sides divide messages,
    /// these pass in parts and may be larger than memory. Errors: as `parse_framing`.
    fairlead::framing front_messages(const std::string& framing, const relay_front& front) const;

    /// Makes the handler. Errors: throws std::invalid_argument, also for files of certificates that cannot be used.
    handler make(const relay_front& front) const;
};

void add_relay_options(CLI::App& command, relay_settings& options);

} // namespace fairlead::command
