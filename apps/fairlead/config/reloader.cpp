#include "config/reloader.hpp"

#include "config/adopted_urls.hpp"
#include "config/value_changes.hpp"
#include "join.hpp"
#include "options.hpp"
#include "output.hpp"
#include "quantity.hpp"
#include "serve_checks.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/printable.hpp>
#include <fairlead/url.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

bool is_about_logs(const std::string& name) {
    return is_added_by(add_log_options, name);
}

bool has_certificates(const planned_listener& listener) {
    return !listener.options.tls.certificates.empty();
}

bool connects_over_tls(const planned_listener& listener) {
    return listener.handler == "relay" && url::parse(listener.options.relay.to).tls;
}

// Sockets are adopted at the start only, so `adoptions` are those of the start.
serve_plan checked_plan(const command_line& given, const std::vector<adoption>& adoptions) {
    try {
        serve_plan made = make_plan(given);
        check(made, check_depth::options);
        listen_where_adopted(made, adoptions);
        return made;
    } catch (const config_error& wrong) { // the log has one line for all faults
        std::string faults = wrong.what();
        for (auto end = faults.find('\n'); end != faults.npos; end = faults.find('\n'))
            faults.replace(end, 1, "; ");
        throw std::invalid_argument{faults};
    }
}

std::string urls_of(const planned_listener& listener) {
    return join(listener.options.listen, ", ");
}

// Returns the plan of a listener after the reload, if it stays or changes.
const planned_listener& plan_after(const running_listener& here, const listener_fate& fate) {
    return fate.effect == listener_fate::kind::changes ? *fate.next : *here.plan;
}

} // namespace

struct reloader::outcome {
    std::size_t applied = 0;
    std::size_t left = 0;

    void note_applied(const std::string& change) {
        ++applied;
        logger()->info("reload: {}", printable(change));
    }
    void note_left(const std::string& change) {
        ++left;
        logger()->warn("reload: this needs a restart: {}", printable(change));
    }
};

reloader::reloader(command_line given, const serve_plan& running, listen_places& places)
    : given_{std::move(given)}, places_{places}, process_{running.process->effective()},
      adoptions_{running.process->options.adoptions} {
    for (const auto& each : running.listeners)
        listeners_.emplace_back(each);
}

std::string reloader::reload(server& running) {
    const serve_plan next = checked_plan(given_, adoptions_);
    const plan_difference change = compare(listeners_, next);
    check_certificates(change);
    apply(running, change);
    next.process->options.log.apply();

    outcome seen;
    const effective_values process = next.process->effective();
    for (const value_change& each : changes(process_, process)) {
        if (!is_about_logs(each.name)) {
            seen.note_left(each.to_string());
            continue;
        }
        seen.note_applied(each.to_string());
        take_over(process_, process, each.name);
    }
    note_listeners(change, seen);
    for (const std::string& each : places_.commit(running))
        print_line("listening " + each);
    keep(change);
    const bool secure = std::ranges::any_of(listeners_, [](const running_listener& each) {
        return has_certificates(*each.plan) || connects_over_tls(*each.plan);
    });
    return count(seen.applied, "value", "values") + " changed" + (secure ? ", the certificates were read again" : "") +
           (seen.left == 0 ? "" : ", " + std::to_string(seen.left) + " of the file need a restart");
}

// All or nothing: the server may refuse the limits of a listener, such as more sessions than there are
// descriptors, and the system may refuse an address.
void reloader::apply(server& running, const plan_difference& change) {
    std::vector<std::function<void()>> undo;
    try {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            const running_listener& here = listeners_[i];
            const listener_fate& fate = change.running[i];
            if (!fate.next)
                continue;
            undo.emplace_back([&] { places_.set_limits(running, *here.plan, here.limits); });
            places_.set_limits(running, *here.plan, fate.next->options.limits);
            if (!fate.keeps_proxies)
                continue;
            undo.emplace_back([&] { places_.set_proxies(running, *here.plan, here.proxies); });
            places_.set_proxies(running, *here.plan, fate.next->options.proxy);
        }
        undo.emplace_back([&] { places_.undo(running); });
        for (const auto& each : change.added)
            places_.add(each, {});
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (change.running[i].effect == listener_fate::kind::goes)
                places_.remove(*listeners_[i].plan);
            if (change.running[i].effect == listener_fate::kind::changes)
                places_.replace(*listeners_[i].plan, change.running[i].next);
        }
        places_.open(running, {});
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (!change.running[i].next)
                continue;
            for (const endpoint& at : places_.addresses_of(plan_after(listeners_[i], change.running[i])))
                running.reload_certificates(at);
        }
    } catch (...) {
        std::for_each(undo.rbegin(), undo.rend(), [](const auto& each) { each(); });
        throw;
    }
}

void reloader::keep(const plan_difference& change) {
    std::vector<running_listener> all;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const listener_fate& fate = change.running[i];
        if (fate.next)
            all.push_back(after(listeners_[i], fate));
        else if (fate.effect == listener_fate::kind::needs_restart)
            all.push_back(std::move(listeners_[i]));
    }
    for (const auto& each : change.added)
        all.emplace_back(each);
    listeners_ = std::move(all);
}

// Skips listeners that go, because their certificate files may be gone too.
void reloader::check_certificates(const plan_difference& change) const {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const listener_fate& fate = change.running[i];
        if (!fate.next)
            continue;
        const planned_listener& here = plan_after(listeners_[i], fate);
        if (has_certificates(here))
            validate(here.options.tls.settings(here.options.listen));
    }
}

void reloader::note_listeners(const plan_difference& change, outcome& seen) const {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const listener_fate& fate = change.running[i];
        const std::string urls = urls_of(*listeners_[i].plan);
        if (fate.effect == listener_fate::kind::needs_restart)
            seen.note_left(urls +
                           ": a part of these URLs is no longer in the file, or is in a table that needs a restart");
        if (fate.effect == listener_fate::kind::goes)
            seen.note_applied(urls + ": no longer in the file; its sessions continue");
        for (const value_change& each : fate.applied)
            seen.note_applied(urls + ' ' + each.to_string());
        for (const value_change& each : fate.left)
            seen.note_left(urls + ' ' + each.to_string());
    }
    for (const auto& each : change.added)
        seen.note_applied(urls_of(*each) + ": a new listener");
    for (const auto& each : change.left)
        seen.note_left(urls_of(*each) + ": a listener that needs a restart has a part of these URLs");
}

} // namespace fairlead::command
