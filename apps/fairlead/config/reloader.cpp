#include "config/reloader.hpp"

#include "config/value_changes.hpp"
#include "limit_options.hpp"
#include "proxy_options.hpp"
#include "quantity.hpp"
#include "serve_checks.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/printable.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

// The same list that the command line has.
template <class Options>
bool is_added_by(void (*add)(CLI::App&, Options&), const std::string& name) {
    CLI::App syntax;
    Options unused;
    add(syntax, unused);
    return syntax.get_option_no_throw("--" + name) != nullptr;
}

bool is_limit(const std::string& name) {
    return is_added_by(add_limit_options, name);
}

// Of a listener that has proxies and keeps some.
bool is_about_proxies(const std::string& name, const planned_listener& before, const planned_listener& after) {
    return is_added_by(add_proxy_options, name) && !before.options.proxy.trusted.empty() &&
           !after.options.proxy.trusted.empty();
}

bool is_about_logs(const std::string& name) {
    return is_added_by(add_log_options, name);
}

serve_plan checked_plan(const command_line& given) {
    try {
        serve_plan made = make_plan(given);
        check(made, check_depth::options);
        return made;
    } catch (const config_error& wrong) { // the log has one line for all faults
        std::string faults = wrong.what();
        for (auto end = faults.find('\n'); end != faults.npos; end = faults.find('\n'))
            faults.replace(end, 1, "; ");
        throw std::invalid_argument{faults};
    }
}

std::string urls_of(const planned_listener& listener) {
    std::string urls;
    for (const std::string& each : listener.options.listen)
        urls += (urls.empty() ? "" : ", ") + each;
    return urls;
}

} // namespace

struct reloader::outcome {
    std::size_t applied = 0;
    std::size_t left = 0;

    void note_applied(const std::string& what) {
        ++applied;
        logger()->info("reload: {}", printable(what));
    }
    void note_left(const std::string& what) {
        ++left;
        logger()->warn("reload: this needs a restart: {}", printable(what));
    }
};

reloader::reloader(command_line given, const serve_plan& running)
    : given_{std::move(given)}, process_{running.process->effective()} {
    for (const auto& each : running.listeners)
        listeners_.push_back({.started = each.get(),
                              .limits = each->options.limits,
                              .proxies = each->options.proxy,
                              .values = each->effective()});
}

void reloader::add(const endpoint& at, const planned_listener& listener) {
    for (listener_state& each : listeners_) {
        if (each.started == &listener)
            each.places.push_back(at);
    }
}

std::string reloader::reload(server& running) {
    const serve_plan next = checked_plan(given_);
    check_certificates();
    const auto matches = matches_in(next);
    apply(running, matches);
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
    note_listeners(matches, next, seen);
    return count(seen.applied, "value", "values") + " changed" +
           (has_certificates() ? ", the certificates were read again" : "") +
           (seen.left == 0 ? "" : ", " + std::to_string(seen.left) + " of the file need a restart");
}

// A listener goes on as the first of the next plan that has its URLs. Null where there is none.
std::vector<const planned_listener*> reloader::matches_in(const serve_plan& next) const {
    std::vector<const planned_listener*> matches;
    for (const listener_state& each : listeners_) {
        const auto is_next = [&](const auto& other) {
            return other->options.listen == each.started->options.listen &&
                   std::find(matches.begin(), matches.end(), other.get()) == matches.end();
        };
        const auto found = std::find_if(next.listeners.begin(), next.listeners.end(), is_next);
        matches.push_back(found == next.listeners.end() ? nullptr : found->get());
    }
    return matches;
}

// All or nothing: the server may refuse those of a listener, such as more sessions than there are descriptors.
void reloader::apply(server& running, const std::vector<const planned_listener*>& next) {
    std::vector<std::function<void()>> undo;
    try {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            const listener_state& here = listeners_[i];
            if (!next[i])
                continue;
            for (const endpoint& at : here.places) {
                undo.emplace_back([&] { running.set_limits(at, here.limits); });
                running.set_limits(at, next[i]->options.limits);
                if (here.proxies.trusted.empty() || next[i]->options.proxy.trusted.empty())
                    continue;
                undo.emplace_back([&] { running.set_proxies(at, here.proxies); });
                running.set_proxies(at, next[i]->options.proxy);
            }
        }
        if (has_certificates())
            running.reload_certificates();
    } catch (...) {
        for (const auto& each : undo)
            each();
        throw;
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (!next[i])
            continue;
        listeners_[i].limits = next[i]->options.limits;
        if (!listeners_[i].proxies.trusted.empty() && !next[i]->options.proxy.trusted.empty())
            listeners_[i].proxies = next[i]->options.proxy;
    }
}

void reloader::check_certificates() const {
    for (const listener_state& each : listeners_) {
        const tls_server_options options = each.started->options.tls.settings(each.started->options.listen);
        if (!options.certificates.empty())
            validate(options);
    }
}

bool reloader::has_certificates() const {
    return std::any_of(listeners_.begin(), listeners_.end(),
                       [](const auto& each) { return !each.started->options.tls.certificates.empty(); });
}

void reloader::note_listeners(const std::vector<const planned_listener*>& matches, const serve_plan& next,
                              outcome& seen) {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        listener_state& here = listeners_[i];
        const std::string urls = urls_of(*here.started);
        if (!matches[i]) {
            seen.note_left(urls + ": this listener is no longer in the file");
            continue;
        }
        if (here.started->handler != matches[i]->handler)
            seen.note_left(urls + " handler: " + here.started->handler + " -> " + matches[i]->handler);
        const effective_values values = matches[i]->effective();
        for (const value_change& each : changes(here.values, values)) {
            if (!is_limit(each.name) && !is_about_proxies(each.name, *here.started, *matches[i])) {
                seen.note_left(urls + ' ' + each.to_string());
                continue;
            }
            seen.note_applied(urls + ' ' + each.to_string());
            take_over(here.values, values, each.name);
        }
    }
    for (const auto& each : next.listeners) {
        if (std::find(matches.begin(), matches.end(), each.get()) == matches.end())
            seen.note_left(urls_of(*each) + ": a new listener");
    }
}

} // namespace fairlead::command
