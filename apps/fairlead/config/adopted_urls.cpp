#include "config/adopted_urls.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

void listen_where_adopted(serve_plan& plan) {
    listen_where_adopted(plan, plan.process->options.adoptions);
}

void listen_where_adopted(serve_plan& plan, const std::vector<adoption>& adoptions) {
    if (plan.listeners.size() == 1)
        return listen_where_adopted(adoptions, plan.listeners.front()->has("listen"),
                                    plan.listeners.front()->options.listen);
    for (const adoption& each : adoptions) {
        const auto has_it = [&each](const auto& listener) {
            return std::ranges::any_of(listener->options.listen,
                                       [&each](const std::string& text) { return is_for(each, text); });
        };
        if (std::ranges::none_of(plan.listeners, has_it))
            throw std::invalid_argument{"--adopt " + each.name + "=" + each.url + ": no [[listen]] table of " +
                                        plan.path + " has this url; add one"};
    }
}

} // namespace fairlead::command
