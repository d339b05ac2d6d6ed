#include "config/planned_listener.hpp"

#include "config/suits.hpp"
#include "quantity.hpp"
#include "serve_checks.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

// That of the framing, and another one for datagrams: none stands for both.
std::vector<std::string> default_max_message(const planned_listener& listener) {
    const auto& urls = listener.options.listen;
    if (is_of_any_size(listener))
        return {};
    if (std::none_of(urls.begin(), urls.end(), is_of_datagrams))
        return {to_text(framing_of(listener, url::parse(urls.front())).max_message())};
    if (std::all_of(urls.begin(), urls.end(), is_of_datagrams))
        return {to_text(listener.options.udp.max_message)};
    return {};
}

} // namespace

effective_values planned_process::effective() const {
    return values_of(syntax);
}

std::vector<CLI::App*> planned_listener::handlers() const {
    auto& all = const_cast<CLI::App&>(syntax); // it has no other one
    return all.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* planned_listener::chosen_handler() const {
    for (const CLI::App* const each : handlers()) {
        if (each->get_name() == handler)
            return each;
    }
    return nullptr;
}

effective_values planned_listener::effective() const {
    effective_values found = values_of(syntax);
    if (const CLI::App* const chosen = chosen_handler()) {
        const effective_values more = values_of(*chosen);
        found.insert(found.begin(), more.begin(), more.end());
    }
    std::erase_if(found, [this](const effective_value& each) {
        return each.name == "listen" || !suits(each.name, options.listen, handler);
    });
    for (effective_value& each : found) {
        if (each.name == "max-message" && !has(each.name))
            each.texts = default_max_message(*this);
        if (each.name == "framing" && !has(each.name))
            each.texts = {framing_text_of(*this)};
    }
    return found;
}

} // namespace fairlead::command
