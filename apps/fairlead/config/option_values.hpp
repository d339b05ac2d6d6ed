#pragma once

#include "config/setting.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// An option and its value, as texts; empty: it has none, and the server decides.
struct effective_value {
    std::string name;
    std::vector<std::string> texts;
    setting::form written = setting::form::text;

    bool operator==(const effective_value& other) const { return name == other.name && texts == other.texts; }
};
using effective_values = std::vector<effective_value>;

/// Returns all options of a syntax that has been parsed, with their values or defaults.
effective_values values_of(const CLI::App& syntax);

/// Returns those of them that were given.
std::vector<setting> settings_of(const CLI::App& syntax);

} // namespace fairlead::command
