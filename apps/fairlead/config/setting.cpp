#include "config/setting.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>

namespace fairlead::command {

const setting* config_table::find(const std::string& name) const noexcept {
    const auto found =
        std::find_if(settings.begin(), settings.end(), [&](const auto& each) { return each.name == name; });
    return found == settings.end() ? nullptr : &*found;
}

config_error::config_error(const std::string& name, std::vector<config_fault> faults) {
    const std::string path = printable(name);
    std::sort(faults.begin(), faults.end());
    faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
    for (const config_fault& each : faults) {
        if (&each == &faults[0] + most_shown) {
            lines_ += '\n' + path + ": " + std::to_string(faults.size() - most_shown) + " more are not shown";
            break;
        }
        lines_ += (lines_.empty() ? "" : "\n") + path + ':' + std::to_string(each.at.line) + ':' +
                  std::to_string(each.at.column) + ": " + each.text;
    }
}

} // namespace fairlead::command
