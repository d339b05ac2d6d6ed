#include "config/command_line.hpp"

#include "config/option_values.hpp"

namespace fairlead::command {

command_line collect(const CLI::App& serving) {
    command_line given{.settings = settings_of(serving)};
    for (const CLI::App* const handler : serving.get_subcommands()) {
        given.handler = handler->get_name();
        const std::vector<setting> more = settings_of(*handler);
        given.settings.insert(given.settings.end(), more.begin(), more.end());
    }
    return given;
}

} // namespace fairlead::command
