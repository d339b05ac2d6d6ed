#include "config/reloader.hpp"

#include "config/value_changes.hpp"
#include "limit_options.hpp"
#include "output.hpp"
#include "proxy_options.hpp"
#include "quantity.hpp"
#include "serve_checks.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/printable.hpp>
#include <fairlead/url.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
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

bool is_about_proxies(const std::string& name) {
    return is_added_by(add_proxy_options, name);
}

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

bool is_about_logs(const std::string& name) {
    return is_added_by(add_log_options, name);
}

bool has_certificates(const planned_listener& listener) {
    return !listener.options.tls.certificates.empty();
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

/// What the next plan has for the listeners that run, by their index, and beside them.
///
///     the next plan has its list of URLs ──▶ stays       has not ──▶ goes       has, of UDP, a part of them ──▶ needs a restart
struct reloader::difference {
    enum class fate : std::uint8_t { stays, goes, needs_restart };

    /// A listener that runs.
    struct change {
        fate what = fate::goes;
        const planned_listener* next = nullptr; ///< if it stays
        bool keeps_proxies = false;             ///< it has trusted proxies before and after
    };
    std::vector<change> running = {};
    std::vector<std::shared_ptr<planned_listener>> added = {};
    std::vector<std::shared_ptr<planned_listener>> left = {}; ///< that need a restart
};

reloader::reloader(command_line given, const serve_plan& running, listen_places& places)
    : given_{std::move(given)}, places_{places}, process_{running.process->effective()} {
    for (const auto& each : running.listeners)
        listeners_.emplace_back(each);
}

std::string reloader::reload(server& running) {
    const serve_plan next = checked_plan(given_);
    const difference change = compare(next);
    check_certificates(change);
    std::vector<listener_state> opened;
    apply(running, change, opened);
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
    keep(change, std::move(opened));
    const bool secure = std::any_of(listeners_.begin(), listeners_.end(),
                                    [](const auto& each) { return has_certificates(*each.started); });
    return count(seen.applied, "value", "values") + " changed" + (secure ? ", the certificates were read again" : "") +
           (seen.left == 0 ? "" : ", " + std::to_string(seen.left) + " of the file need a restart");
}

// A listener goes on as the first of the next plan that has its URLs.
reloader::difference reloader::compare(const serve_plan& next) const {
    difference found;
    auto rest = next.listeners;
    for (const listener_state& each : listeners_) {
        auto& here = found.running.emplace_back();
        const auto same = std::find_if(rest.begin(), rest.end(), [&each](const auto& other) {
            return other->options.listen == each.started->options.listen;
        });
        if (same == rest.end())
            continue;
        here = {difference::fate::stays, same->get(),
                !each.proxies.trusted.empty() && !(*same)->options.proxy.trusted.empty()};
        rest.erase(same);
    }
    for (auto& each : rest) {
        bool is_new = true;
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            auto& here = found.running[i];
            if (here.what == difference::fate::stays || !share_a_udp_url(*each, *listeners_[i].started))
                continue;
            here.what = difference::fate::needs_restart;
            is_new = false;
        }
        (is_new ? found.added : found.left).push_back(std::move(each));
    }
    // What needs a restart keeps its sockets.
    const auto is_held = [&](const auto& each) {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (found.running[i].what == difference::fate::needs_restart &&
                share_sockets(*each, *listeners_[i].started))
                return true;
        }
        return false;
    };
    const auto held = std::stable_partition(found.added.begin(), found.added.end(), std::not_fn(is_held));
    std::move(held, found.added.end(), std::back_inserter(found.left));
    found.added.erase(held, found.added.end());
    return found;
}

// All or nothing: the server may refuse the limits of a listener, such as more sessions than there are descriptors, and the system an
// address.
void reloader::apply(server& running, const difference& change, std::vector<listener_state>& opened) {
    std::vector<std::function<void()>> undo;
    try {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            const listener_state& here = listeners_[i];
            const auto& [what, next, keeps_proxies] = change.running[i];
            if (what != difference::fate::stays)
                continue;
            undo.emplace_back([&] { places_.set_limits(running, *here.started, here.limits); });
            places_.set_limits(running, *here.started, next->options.limits);
            if (!keeps_proxies)
                continue;
            undo.emplace_back([&] { places_.set_proxies(running, *here.started, here.proxies); });
            places_.set_proxies(running, *here.started, next->options.proxy);
        }
        undo.emplace_back([&] { places_.undo(running); });
        for (const auto& each : change.added) {
            opened.emplace_back(each);
            places_.add(each, {});
        }
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (change.running[i].what == difference::fate::goes)
                places_.remove(*listeners_[i].started);
        }
        places_.open(running, {});
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            if (change.running[i].what != difference::fate::stays)
                continue;
            for (const endpoint& at : places_.addresses_of(*listeners_[i].started))
                running.reload_certificates(at);
        }
    } catch (...) {
        std::for_each(undo.rbegin(), undo.rend(), [](const auto& each) { each(); });
        throw;
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const auto& [what, next, keeps_proxies] = change.running[i];
        if (what != difference::fate::stays)
            continue;
        listeners_[i].limits = next->options.limits;
        if (keeps_proxies)
            listeners_[i].proxies = next->options.proxy;
    }
}

void reloader::keep(const difference& change, std::vector<listener_state> opened) {
    std::vector<listener_state> all;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (change.running[i].what != difference::fate::goes)
            all.push_back(std::move(listeners_[i]));
    }
    std::move(opened.begin(), opened.end(), std::back_inserter(all));
    listeners_ = std::move(all);
}

// Those of listeners that go may have gone as well.
void reloader::check_certificates(const difference& change) const {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const planned_listener& here = *listeners_[i].started;
        if (change.running[i].what == difference::fate::stays && has_certificates(here))
            validate(here.options.tls.settings(here.options.listen));
    }
}

void reloader::note_listeners(const difference& change, outcome& seen) {
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        listener_state& here = listeners_[i];
        const auto& [what, next, keeps_proxies] = change.running[i];
        const std::string urls = urls_of(*here.started);
        if (what == difference::fate::needs_restart)
            seen.note_left(urls + ": a part of these URLs is no longer in the file, and UDP is among the others");
        if (what == difference::fate::goes)
            seen.note_applied(urls + ": no longer in the file; its sessions continue");
        if (what != difference::fate::stays)
            continue;
        if (here.started->handler != next->handler)
            seen.note_left(urls + " handler: " + here.started->handler + " -> " + next->handler);
        const effective_values values = next->effective();
        for (const value_change& each : changes(here.values, values)) {
            if (!is_limit(each.name) && !(keeps_proxies && is_about_proxies(each.name))) {
                seen.note_left(urls + ' ' + each.to_string());
                continue;
            }
            seen.note_applied(urls + ' ' + each.to_string());
            take_over(here.values, values, each.name);
        }
    }
    for (const auto& each : change.added)
        seen.note_applied(urls_of(*each) + ": a new listener");
    for (const auto& each : change.left)
        seen.note_left(urls_of(*each) + ": a listener that needs a restart has a part of these URLs");
}

} // namespace fairlead::command
