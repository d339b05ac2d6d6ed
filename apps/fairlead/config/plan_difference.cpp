#include "config/plan_difference.hpp"

#include "limit_options.hpp"
#include "options.hpp"
#include "proxy_options.hpp"
#include "same_sockets.hpp"
#include "serve_checks.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead::command {

namespace {

// Another listener can take over sockets for connections, but none of UDP.
bool share_a_udp_url(const planned_listener& one, const planned_listener& other) {
    const auto& urls = one.options.listen;
    const auto& others = other.options.listen;
    return std::any_of(urls.begin(), urls.end(), [&](const std::string& each) {
        return is_of_datagrams(each) && std::find(others.begin(), others.end(), each) != others.end();
    });
}

bool share_sockets(const planned_listener& one, const planned_listener& other) {
    const auto& others = other.options.listen;
    return std::ranges::any_of(one.options.listen, [&](const std::string& each) {
        return std::ranges::any_of(others, [here = url::parse(each)](const std::string& text) {
            return have_the_same_sockets(here, url::parse(text));
        });
    });
}

effective_values values_with_handler(const planned_listener& listener) {
    effective_values found = listener.effective();
    found.insert(found.begin(), {.name = "handler", .texts = {listener.handler}});
    return found;
}

/// The way in which a changed value of a listener takes effect.
enum class way : std::uint8_t {
    setting,     ///< the running listener takes it
    new_handler, ///< a new handler with its framing serves the same sockets
    restart,
};

way way_of(const std::string& option, const planned_listener& present, const listener_fate& fate) {
    const auto& urls = present.options.listen;
    if (is_added_by(add_limit_options, option))
        return way::setting;
    if (is_added_by(add_proxy_options, option))
        return fate.keeps_proxies ? way::setting : way::restart;
    if (std::any_of(urls.begin(), urls.end(), is_of_datagrams))
        return way::restart;
    // All chats of the process share their rooms, and the rooms share one broker.
    if (is_added_by(add_broker_options, option) && present.handler == "chat" && fate.next->handler == "chat")
        return way::restart;
    return way::new_handler;
}

// Returns true if the value appears or disappears only because the handler changes, such as a default. Such
// values would fill the log.
bool comes_with_handler(const value_change& each, const planned_listener& present, const planned_listener& next) {
    return present.handler != next.handler &&
           (each.after == value_change::not_set || (each.before == value_change::not_set && !next.has(each.name)));
}

// A relay reads limits and certificate files only when it is made, for the connections to its target.
bool reads_again(const planned_listener& listener) {
    return listener.handler == "relay";
}

listener_fate fate_of(const running_listener& here, std::shared_ptr<planned_listener> next) {
    listener_fate found{.effect = listener_fate::kind::stays, .next = std::move(next)};
    listener_options& options = found.next->options;
    found.keeps_proxies = !here.proxies.trusted.empty() && !options.proxy.trusted.empty();
    if (reads_again(*found.next))
        found.effect = listener_fate::kind::changes;
    for (value_change& each : changes(here.values, values_with_handler(*found.next))) {
        const way how = way_of(each.name, *here.plan, found);
        if (how == way::new_handler)
            found.effect = listener_fate::kind::changes;
        if (how == way::new_handler && comes_with_handler(each, *here.plan, *found.next))
            continue;
        (how == way::restart ? found.left : found.applied).push_back(std::move(each));
    }
    for (const value_change& each : found.left) {
        if (is_added_by(add_broker_options, each.name))
            options.broker = here.plan->options.broker;
        if (is_added_by(add_proxy_options, each.name))
            options.proxy = here.proxies;
    }
    return found;
}

// A listener that needs a restart keeps its sockets. So an added listener that shares them needs a restart
// too, and so does a listener that goes, if the added one would take over its sockets.
void hold_back(plan_difference& found, const std::vector<running_listener>& running) {
    const auto is_free = [&](const auto& each) {
        for (std::size_t i = 0; i < running.size(); ++i) {
            if (found.running[i].effect == listener_fate::kind::needs_restart && share_sockets(*each, *running[i].plan))
                return false;
        }
        return true;
    };
    const auto is_for_held_back = [&](std::size_t i) {
        return found.running[i].effect == listener_fate::kind::goes &&
               std::any_of(found.left.begin(), found.left.end(),
                           [&](const auto& each) { return share_sockets(*each, *running[i].plan); });
    };
    for (bool changed = true; changed;) {
        const auto held = std::stable_partition(found.added.begin(), found.added.end(), is_free);
        std::move(held, found.added.end(), std::back_inserter(found.left));
        found.added.erase(held, found.added.end());
        changed = false;
        for (std::size_t i = 0; i < running.size(); ++i) {
            if (!is_for_held_back(i))
                continue;
            found.running[i].effect = listener_fate::kind::needs_restart;
            changed = true;
        }
    }
}

} // namespace

running_listener::running_listener(std::shared_ptr<const planned_listener> planned)
    : plan{std::move(planned)}, limits{plan->options.limits}, proxies{plan->options.proxy}, values{values_with_handler(
                                                                                                *plan)} {}

plan_difference compare(const std::vector<running_listener>& running, const serve_plan& next) {
    plan_difference found;
    auto rest = next.listeners;
    for (const running_listener& each : running) {
        const auto same = std::find_if(rest.begin(), rest.end(), [&each](const auto& other) {
            return other->options.listen == each.plan->options.listen;
        });
        if (same == rest.end()) {
            found.running.emplace_back();
            continue;
        }
        found.running.push_back(fate_of(each, *same));
        rest.erase(same);
    }
    for (auto& each : rest) {
        bool is_new = true;
        for (std::size_t i = 0; i < running.size(); ++i) {
            listener_fate& here = found.running[i];
            if (here.next || !share_a_udp_url(*each, *running[i].plan))
                continue;
            here.effect = listener_fate::kind::needs_restart;
            is_new = false;
        }
        (is_new ? found.added : found.left).push_back(std::move(each));
    }
    hold_back(found, running);
    return found;
}

running_listener after(const running_listener& before, const listener_fate& fate) {
    running_listener found{fate.effect == listener_fate::kind::changes ? fate.next : before.plan};
    found.limits = fate.next->options.limits;
    found.proxies = fate.keeps_proxies ? fate.next->options.proxy : before.proxies;
    found.values = values_with_handler(*fate.next);
    for (const value_change& each : fate.left)
        take_over(found.values, before.values, each.name);
    return found;
}

} // namespace fairlead::command
