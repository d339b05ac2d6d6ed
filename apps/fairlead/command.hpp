#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace fairlead::command {

/// A subcommand: its syntax, and the function that runs once the command line has been parsed.
///
/// `run` returns the exit code. Errors: throws std::invalid_argument for wrong usage, any other exception
/// for a failure.
struct subcommand {
    CLI::App* syntax;
    std::function<int()> run;
};

subcommand add_check(CLI::App& program);
subcommand add_decode(CLI::App& program);
subcommand add_dissector(CLI::App& program);
subcommand add_generate(CLI::App& program, const std::string& version); ///< shown by no --help
subcommand add_load(CLI::App& program);
subcommand add_new(CLI::App& program);
subcommand add_reload(CLI::App& program);
subcommand add_send(CLI::App& program); ///< with FAIRLEAD_FILES
subcommand add_serve(CLI::App& program);
subcommand add_talk(CLI::App& program);

} // namespace fairlead::command
