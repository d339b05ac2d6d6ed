#pragma once

#include <string>

namespace CLI {
class App;
}

namespace fairlead::command {

/// Returns a sentence about the argument of a command line that is not known, with a suggestion. `program`
/// has thrown CLI::ExtrasError.
std::string unknown_argument(const CLI::App& program);

/// Returns the subcommands, or the handlers of `serve`, as a text: `echo, uppercase`.
std::string names_of_subcommands(const CLI::App& asked);

} // namespace fairlead::command
