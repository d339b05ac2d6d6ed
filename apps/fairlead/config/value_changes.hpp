#pragma once

#include "config/option_values.hpp"

#include <string>
#include <vector>

namespace fairlead::command {

/// A value that differs in the next plan.
struct value_change {
    static constexpr const char* not_set = "not set";

    std::string name;
    std::string before; ///< as TOML, or `not_set`
    std::string after;

    /// Returns a text for logs. Passwords and tokens in URLs are hidden: `nats://ann:***@broker`.
    std::string to_string() const;
};

/// Returns the values that differ, in the order of the options.
std::vector<value_change> changes(const effective_values& before, const effective_values& after);

/// Replaces the value of this option, or removes it.
void take_over(effective_values& to, const effective_values& from, const std::string& name);

} // namespace fairlead::command
