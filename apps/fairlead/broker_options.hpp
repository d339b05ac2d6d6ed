#pragma once

#include <fairlead/topics.hpp>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fairlead::command {

/// The broker over which processes share the rooms of a chat.
struct broker_settings {
    std::string url; ///< empty: none
    std::string credentials_file;
    std::string ca_file;
    std::string chain_file;
    std::string key_file;
    std::string server_name;

    /// Checks all but the files.
    ///
    /// Errors: throws std::invalid_argument with advice.
    void check() const;

    /// Returns the connection to the broker, or null if there is none. It connects when it is started.
    ///
    /// Errors: throws std::invalid_argument with advice.
    std::shared_ptr<topic_bridge> make() const;

    /// Returns the files that are read for each connection.
    std::vector<std::string> files() const;

    bool operator==(const broker_settings&) const = default;
};

void add_broker_options(CLI::App& command, broker_settings& options);

} // namespace fairlead::command
