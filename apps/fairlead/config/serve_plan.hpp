#pragma once

#include "config/setting.hpp"
#include "serve_options.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// What the command line of `serve` asks for.
struct command_line {
    std::optional<std::string> config = {}; ///< the file of `--config`
    std::string handler = {};               ///< empty: the file has it
    std::vector<setting> settings = {};
};

/// Returns what was given to `serving`, which has been parsed.
command_line collect(const CLI::App& serving);

/// An option and its value, as texts; empty: it has none, and the server decides.
struct effective_value {
    std::string name;
    std::vector<std::string> texts;
    setting::form written = setting::form::text;

    bool operator==(const effective_value& other) const { return name == other.name && texts == other.texts; }
};
using effective_values = std::vector<effective_value>;

/// Options, and the settings that were made. Lifetime: does not move, for `syntax` sets members of `options`.
struct planned_process {
    planned_process() { add_process_options(syntax, options); }
    planned_process(const planned_process&) = delete;
    planned_process& operator=(const planned_process&) = delete;

    effective_values effective() const;

    CLI::App syntax{"", "serve"};
    process_options options;
};

/// The same for one listener, or for several that share a handler.
struct planned_listener {
    planned_listener() { add_listener_options(syntax, options); }
    planned_listener(const planned_listener&) = delete;
    planned_listener& operator=(const planned_listener&) = delete;

    /// Returns the options that this listener has, without its URLs.
    effective_values effective() const;

    bool has(const std::string& option) const { return made.find(option) != nullptr; }

    CLI::App syntax{"", "serve"};
    listener_options options;
    std::string handler;
    config_table made;      ///< where the settings are from
    bool is_faulty = false; ///< a setting was not taken
};

/// What a server does: the command line, and the configuration below it.
struct serve_plan {
    std::string path; ///< of the configuration; empty: none
    std::unique_ptr<planned_process> process;
    std::vector<std::shared_ptr<planned_listener>> listeners; ///< shared: those that a reload adds stay
    std::vector<config_fault> faults;                         ///< of single settings in the file; see `check`
};

/// Reads the configuration, if there is one, and lays the command line over it. A setting of the command line comes before that of
/// a `[[listen]]` table, and that before one of the file as a whole. A table takes over those settings that suit its URLs and its
/// handler. Settings that no option takes are among `faults`; `check` follows.
///
/// Errors: throws std::invalid_argument for the command line; as `read_config`.
serve_plan make_plan(const command_line& given);

} // namespace fairlead::command
