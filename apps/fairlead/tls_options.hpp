#pragma once

#include <fairlead/tls.hpp>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// TLS of the listeners of `serve`.
struct tls_options {
    std::vector<std::string> certificates;
    std::vector<std::string> keys;  ///< in the order of `certificates`
    std::string client_certificate; ///< `required` or `optional`; empty: required if issuers of them are named
    std::string given;              ///< the first option of TLS on the command line; empty: none
    tls_server_options rest;        ///< options that need no more than to be passed on

    /// Returns the options for those of the URLs that are of TLS.
    ///
    /// Errors: throws std::invalid_argument with advice if options contradict each other or the URLs, and in a build without
    /// TLS.
    tls_server_options settings(const std::vector<std::string>& urls) const;

    /// Returns the files that are read at the start.
    std::vector<std::string> files() const;
};

void add_tls_options(CLI::App& command, tls_options& options);

/// Returns true if one of the URLs is of TLS.
///
/// Errors: throws std::invalid_argument with advice if none is and the option `given` is for TLS; in a build without TLS, if
/// one is or an option is given.
bool uses_tls(const std::vector<std::string>& urls, const std::string& given);

/// Adds the options that servers and clients share; their names begin with `prefix`, after the dashes. `given` receives the name
/// of the first one that is given.
void add_tls_terms(CLI::App& command, const std::string& prefix, tls_version& min_version,
                   std::vector<std::string>& alpn, std::string& given);

/// Makes `given` the name of this option, if it is given and is the first. An empty value is refused.
CLI::Option* note_given(CLI::Option* option, std::string& given);

} // namespace fairlead::command
