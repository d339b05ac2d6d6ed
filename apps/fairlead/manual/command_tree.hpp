#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fairlead::command {

/// The kind of a value, as far as a shell can complete it. It follows from the name that --help shows for the value.
enum class value_kind {
    none,      ///< a flag takes no value
    text,      ///< text that nothing is known about
    choice,    ///< one of `described_option::choices`
    file,      ///< FILE
    directory, ///< DIR or DIRECTORY
    url,       ///< URL, also behind an equals sign, as in NAME=URL
    framing,   ///< SPEC
};

/// An option or an argument, as --help shows it.
struct described_option {
    std::vector<std::string> names;   ///< `-h`, `--help`; an argument has one, such as `URL`
    std::string value;                ///< its name, such as `FILE`; empty for a flag
    std::string range;                ///< numbers that are allowed, such as `0 - 1024`; else empty
    std::string description;          ///< without line breaks
    std::string standard;             ///< the value without the option; empty if there is none
    std::vector<std::string> choices; ///< values that are allowed; empty: any
    std::string group;                ///< the heading above it: `Options` unless it was told another
    value_kind kind;
    bool required;
    bool repeated; ///< it may be given several times

    /// Returns the name that is shown alone, the longest.
    const std::string& name() const { return names.back(); }
};

/// A command or subcommand, as --help shows it. Parts that --help hides are left out.
struct described_command {
    std::string name; ///< with those before it: `fairlead serve`
    std::string description;
    std::string footer; ///< with its line breaks
    std::vector<described_option> arguments;
    std::vector<described_option> options;
    std::vector<described_command> subcommands;
    bool takes_options_of_parent; ///< true if `parent child --option-of-parent` is right
};

described_command describe(const CLI::App& app);

/// Returns `command` and all commands below it, each before its own subcommands. An option that a command takes from its parent
/// stands behind its own.
std::vector<described_command> all_commands(const described_command& command);

/// Returns true if an option or an argument of `command`, or of a command below it, has a value of this kind.
bool takes(const described_command& command, value_kind kind);

} // namespace fairlead::command
