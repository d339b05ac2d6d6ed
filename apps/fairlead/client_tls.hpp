#pragma once

#include <fairlead/tls.hpp>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// TLS of the connections that a subcommand makes.
struct client_tls {
    std::string prefix = "tls-"; ///< of the names of its options, without dashes
    tls_certificate certificate; ///< empty: none
    std::string given;           ///< the first option of TLS on the command line; empty: none
    tls_client_options rest;     ///< options that need no more than to be passed on

    /// Returns the options for those of the URLs that are of TLS. Warns on stderr if certificates are not verified.
    ///
    /// Errors: throws std::invalid_argument with advice if options contradict each other or the URLs, and in a build without
    /// TLS.
    tls_client_options settings(const std::vector<std::string>& urls) const;

    /// The same without a warning.
    tls_client_options checked(const std::vector<std::string>& urls) const;

    /// Warns on stderr if these options have no certificate verified.
    void warn(const tls_client_options& how) const;

    /// Returns the files that are read at the start.
    std::vector<std::string> files() const;
};

void add_client_tls(CLI::App& command, client_tls& options);

} // namespace fairlead::command
