#pragma once

#include <string>

namespace fairlead::command {

/// The choices of a new project.
struct project {
    std::string name;
    std::string framing;             ///< as `parse_framing` takes it, or custom; empty: the default, or none
    std::string handler = "message"; ///< or session
    std::string transport = "tcp";   ///< or udp, tls, ws

    bool has_framing() const { return transport == "tcp" || transport == "tls"; }
    bool has_own_framing() const { return framing == "custom"; }
};

/// Checks that `name` can be the name of a directory, of targets of CMake, of a service and of a container.
///
/// Errors: throws std::invalid_argument, whose text says which names can.
void check_project_name(const std::string& name);

/// Checks the choices and replaces an empty framing by the default where the transport needs one.
///
/// Errors: throws std::invalid_argument for a bad name, an unknown framing and choices that do not go together.
project checked(project wanted);

} // namespace fairlead::command
