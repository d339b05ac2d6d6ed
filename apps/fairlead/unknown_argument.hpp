#pragma once

#include <string>

namespace CLI {
class App;
}

namespace fairlead::command {

/// Says which argument of a command line nothing takes, and what may have been meant. `program` has thrown CLI::ExtrasError.
std::string unknown_argument(const CLI::App& program);

/// The subcommands, or the handlers of `serve`, for a text: `echo, uppercase`.
std::string names_of_subcommands(const CLI::App& asked);

} // namespace fairlead::command
