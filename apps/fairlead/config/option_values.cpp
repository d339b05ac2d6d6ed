#include "config/option_values.hpp"

#include <utility>

namespace fairlead::command {

namespace {

setting::form form_of(const CLI::Option& option) {
    if (option.get_expected_min() == 0)
        return setting::form::flag;
    return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ? setting::form::list
                                                                               : setting::form::text;
}

std::vector<std::string> texts_of(const CLI::Option& option, setting::form written) {
    if (written == setting::form::flag)
        return {option.count() != 0 ? "true" : "false"};
    if (written == setting::form::text && option.count() == 0 && !option.get_default_str().empty())
        return {option.get_default_str()};
    return option.results();
}

} // namespace

effective_values values_of(const CLI::App& syntax) {
    effective_values found;
    for (const CLI::Option* const each : syntax.get_options()) {
        if (!each->get_configurable())
            continue;
        const setting::form written = form_of(*each);
        found.push_back({.name = each->get_single_name(), .texts = texts_of(*each, written), .written = written});
    }
    return found;
}

std::vector<setting> settings_of(const CLI::App& syntax) {
    std::vector<setting> found;
    for (const CLI::Option* const each : syntax.get_options()) {
        if (each->get_configurable() && each->count() != 0)
            found.push_back({.name = each->get_single_name(), .values = each->results(), .written = form_of(*each)});
    }
    return found;
}

} // namespace fairlead::command
