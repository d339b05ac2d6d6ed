#include "config/plan_conflicts.hpp"

#include "config/value_changes.hpp"
#include "config/websocket_port.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace fairlead::command {

namespace {

using planned_listeners = std::vector<std::shared_ptr<planned_listener>>;

std::string normal_url(const std::string& text) {
    try {
        return url::parse(text).to_string();
    } catch (const std::invalid_argument&) { // `check` says why
        return text;
    }
}

void find_equal_urls(const planned_listeners& listeners, std::vector<config_fault>& to) {
    std::vector<std::pair<std::string, file_position>> seen;
    for (const auto& listener : listeners) {
        const setting* const from = listener->made.find("listen");
        const file_position at = from ? from->value_at.value_or(listener->made.at) : listener->made.at;
        for (const std::string& text : listener->options.listen) {
            const std::string each = normal_url(text);
            const auto same =
                std::find_if(seen.begin(), seen.end(), [&](const auto& before) { return before.first == each; });
            if (same != seen.end() && from && !each.ends_with(":0"))
                to.push_back({at, text + " has a listener already, at line " + std::to_string(same->second.line)});
            seen.emplace_back(each, at);
        }
    }
}

// Adds a fault for each option of a shared WebSocket port to which the two tables give different values.
void find_two_values(const planned_listener& first, const config_table& first_table, const planned_listener& second,
                     const config_table& second_table, std::vector<config_fault>& to) {
    if (!share_a_websocket_port(first.options.listen, second.options.listen))
        return;
    for (const value_change& each : changes(values_of(first.syntax), values_of(second.syntax))) {
        const setting* const own = second_table.find(each.name);
        if (is_of_port(each.name) && own && first_table.find(each.name))
            to.push_back({own->value_at.value_or(second.made.at),
                          each.name + ": this is " + each.after + ", and " + each.before + " for " +
                              first.options.listen.front() +
                              ", which has the same port; write one value, in one of its tables"});
    }
}

} // namespace

std::vector<config_fault> find_conflicts(const planned_listeners& listeners, const config_file& file) {
    std::vector<config_fault> found;
    for (std::size_t later = 1; later < listeners.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier)
            find_two_values(*listeners[earlier], file.listeners[earlier], *listeners[later], file.listeners[later],
                            found);
    }
    if (!file.path.empty())
        find_equal_urls(listeners, found);
    return found;
}

} // namespace fairlead::command
