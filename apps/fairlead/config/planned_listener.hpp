#pragma once

#include "config/option_values.hpp"
#include "config/setting.hpp"
#include "serve_options.hpp"

#include <string>
#include <vector>

namespace fairlead::command {

/// Options, and the settings that were made. Lifetime: does not move, for `syntax` sets members of `options`.
struct planned_process {
    planned_process() { add_process_options(syntax, options); }
    planned_process(const planned_process&) = delete;
    planned_process& operator=(const planned_process&) = delete;

    effective_values effective() const;

    CLI::App syntax{"", "serve"};
    process_options options;
    config_table made; ///< where the settings are from
};

/// The same for one listener, or for several that share a handler.
struct planned_listener {
    planned_listener() { add_listener_options(syntax, options); }
    planned_listener(const planned_listener&) = delete;
    planned_listener& operator=(const planned_listener&) = delete;

    /// Returns the options that this listener has, without its URLs.
    effective_values effective() const;

    /// Returns the syntaxes of all handlers.
    std::vector<CLI::App*> handlers() const;

    /// Returns that of `handler`. Null: there is no handler of this name.
    const CLI::App* chosen_handler() const;

    bool has(const std::string& option) const { return made.find(option) != nullptr; }

    CLI::App syntax{"", "serve"};
    listener_options options;
    std::string handler;
    config_table made;      ///< where the settings are from
    bool is_faulty = false; ///< a setting was not taken
};

} // namespace fairlead::command
