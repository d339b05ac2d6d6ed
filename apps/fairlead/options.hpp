#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <sys/types.h>

namespace fairlead::command {

/// Options that subcommands share, and options that take a size, a duration or permissions. Each shows the value it finds as its
/// default.
///
/// `wrapped` breaks a description into lines that fit beside the names of options.
std::string wrapped(const std::string& text);

/// The syntaxes of `framing_forms()` or `url_forms()`: `tcp://HOST:PORT, udp://HOST:PORT`.
template <class Form>
std::string syntaxes_of(std::span<const Form> forms) {
    std::string all;
    for (const Form& each : forms)
        all += (all.empty() ? "" : ", ") + std::string{each.syntax};
    return all;
}
CLI::Option* add_framing(CLI::App& command, std::string& target);
CLI::Option* add_count(CLI::App& command, const std::string& name, std::size_t& target, const std::string& description);
CLI::Option* add_count(CLI::App& command, const std::string& name, std::optional<std::size_t>& target,
                       const std::string& description);
CLI::Option* add_size(CLI::App& command, const std::string& name, std::size_t& target, const std::string& description);
CLI::Option* add_size(CLI::App& command, const std::string& name, std::optional<std::size_t>& target,
                      const std::string& description);
CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& description);
CLI::Option* add_mode(CLI::App& command, const std::string& name, ::mode_t& target, const std::string& description);

/// Refuses an empty value, such as that of a variable of the shell that is not set. Else it would mean: not given.
CLI::Option* refuse_empty(CLI::Option* option);

/// Returns true if `add` adds the option `--NAME`.
template <class Options>
bool is_added_by(void (*add)(CLI::App&, Options&), const std::string& name) {
    CLI::App syntax;
    Options unused;
    add(syntax, unused);
    return syntax.get_option_no_throw("--" + name) != nullptr;
}

} // namespace fairlead::command
