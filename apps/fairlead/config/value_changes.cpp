#include "config/value_changes.hpp"

#include "config/hidden_passwords.hpp"
#include "config/toml_text.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

const effective_value* find_value(const effective_values& in, const std::string& name) {
    const auto found = std::find_if(in.begin(), in.end(), [&](const auto& each) { return each.name == name; });
    return found == in.end() ? nullptr : &*found;
}

std::string shown_value(const effective_value* value) {
    return !value || value->texts.empty() ? value_change::not_set : to_toml(*value);
}

} // namespace

std::string value_change::to_string() const {
    return name + ": " + without_passwords(before) + " -> " + without_passwords(after);
}

std::vector<value_change> changes(const effective_values& before, const effective_values& after) {
    std::vector<value_change> found;
    const auto compare = [&](const std::string& name) {
        const std::string was = shown_value(find_value(before, name));
        const std::string is = shown_value(find_value(after, name));
        if (was != is)
            found.push_back({name, was, is});
    };
    for (const effective_value& each : before)
        compare(each.name);
    for (const effective_value& each : after) {
        if (!find_value(before, each.name))
            compare(each.name);
    }
    return found;
}

void take_over(effective_values& to, const effective_values& from, const std::string& name) {
    std::erase_if(to, [&](const effective_value& each) { return each.name == name; });
    if (const effective_value* const value = find_value(from, name))
        to.push_back(*value);
}

} // namespace fairlead::command
