#include "listen_places.hpp"

#include "process_rights.hpp"
#include "same_sockets.hpp"
#include "serve_checks.hpp"

#include <fairlead/framing/websocket.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/url.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <utility>

namespace fairlead::command {

namespace {

websocket_path path_of(const std::string& text, const handler& answers, const planned_listener& listener) {
    const url address = url::parse(text);
    const websocket_settings& web = listener.options.web;
    return {.path = address.path,
            .serve = answers,
            .messages = *framing_of(listener, address).target<websocket>(),
            .subprotocols = web.rest.subprotocols};
}

std::string with_port(const std::string& text, std::uint16_t port) {
    url address = url::parse(text);
    address.port = port;
    return address.to_string();
}

} // namespace

bool listen_places::port::has(const planned_listener& listener) const {
    return std::any_of(places.begin(), places.end(),
                       [&](const place& each) { return each.listener.get() == &listener; });
}

handler listen_places::begin_later(planned_listener& listener, const std::optional<user_identity>& user) {
    prepare_(listener);
    serve_handler made = make_handler(listener, user, shared_);
    beginnings_.push_back(std::move(made.begin));
    return std::move(made.answers);
}

void listen_places::add(const std::shared_ptr<planned_listener>& listener, const std::optional<user_identity>& user) {
    const handler answers = begin_later(*listener, user);
    for (const std::string& url : listener->options.listen)
        waiting_.push_back({url, listener, answers});
}

void listen_places::replace(const planned_listener& listener, const std::shared_ptr<planned_listener>& next) {
    const handler answers = begin_later(*next, {});
    for (port& each : ports_) {
        for (place& one : each.places) {
            if (one.listener.get() == &listener)
                one = {one.url, next, answers};
        }
    }
}

void listen_places::remove(const planned_listener& listener) {
    for (port& each : ports_)
        std::erase_if(each.places, [&](const place& one) { return one.listener.get() == &listener; });
}

listen_places::port& listen_places::port_for(const place& added) {
    const url address = url::parse(added.url);
    const auto found = std::find_if(ports_.begin(), ports_.end(), [&](const port& each) {
        const url present = url::parse(each.url);
        return are_paths_of_one_port(present, address) ||
               (each.places.empty() && have_the_same_sockets(present, address));
    });
    const listener_options& options = added.listener->options;
    if (found == ports_.end())
        return ports_.emplace_back(port{added.url, {}, options.limits, options.proxy});
    found->url = added.url;
    found->limits = options.limits;
    found->proxies = options.proxy;
    return *found;
}

void listen_places::open(server& server, const std::optional<user_identity>& user) {
    for (const auto& begin : std::exchange(beginnings_, {}))
        begin(server);
    // `[::]` takes IPv4 as well, unless `0.0.0.0` has the port already.
    std::stable_partition(waiting_.begin(), waiting_.end(),
                          [](const place& each) { return url::parse(each.url).host != "::"; });
    for (place& each : std::exchange(waiting_, {})) {
        port& to = port_for(each);
        to.places.push_back(std::move(each));
    }
    // New listeners first: an address in use is found before a listener has changed.
    for (port& each : ports_) {
        if (!each.at && !each.places.empty())
            each.at = listen(server, each, user);
    }
    for (std::size_t i = 0; i < before_.size(); ++i) {
        if (!ports_[i].places.empty() && differ(ports_[i], before_[i]))
            ports_[i].at = listen(server, ports_[i], user);
    }
}

endpoint listen_places::listen(server& server, const port& opened, const std::optional<user_identity>& user) {
    const place& first = opened.places.front();
    const listener_options& options = first.listener->options;
    if (is_of_datagrams(first.url)) {
        udp_options udp = options.udp;
        udp.max_message = options.max_message.value_or(udp.max_message);
        udp.proxy = opened.proxies;
        return server.listen(first.url, first.answers, udp, opened.limits);
    }
    const url address = url::parse(first.url);
    const framing messages = framing_of(*first.listener, address);
    listen_options how{.limits = opened.limits, .proxy = opened.proxies};
    if (address.websocket)
        how.websocket = options.web.settings(options.listen);
    for (auto more = std::next(opened.places.begin()); more != opened.places.end(); ++more)
        how.websocket.paths.push_back(path_of(more->url, more->answers, *more->listener));
    if (address.tls)
        how.tls = options.tls.settings(options.listen);
    if (opened.at)
        return server.change(*opened.at, first.url, messages, first.answers, how);
    const auto listen = [&] { return server.listen(first.url, messages, first.answers, how); };
    if (!socket_directory(first.url))
        return listen();
    return as_user(user, [&] {
        if (address.tls)
            require_readable(options.tls.files());
        return listen();
    });
}

std::vector<std::string> listen_places::commit(server& server) {
    std::vector<std::string> added;
    for (std::size_t i = 0; i < before_.size(); ++i) {
        const port& here = ports_[i];
        if (here.places.empty())
            server.unlisten(*here.at);
        for (const place& each : here.places) {
            const auto is_same = [&](const place& one) { return one.url == each.url; };
            if (std::none_of(before_[i].places.begin(), before_[i].places.end(), is_same))
                added.push_back(with_port(each.url, here.at->port()));
        }
    }
    std::erase_if(ports_, [](const port& each) { return each.places.empty(); });
    before_ = ports_;
    shared_before_ = shared_;
    return added;
}

void listen_places::undo(server& server) {
    waiting_.clear();
    beginnings_.clear();
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        const port& here = ports_[i];
        if (i >= before_.size()) {
            if (here.at)
                server.unlisten(*here.at);
        } else if (!here.places.empty() && differ(here, before_[i])) {
            before_[i].at = here.at;
            change_back(server, before_[i]);
        }
    }
    ports_ = before_;
    shared_ = shared_before_;
}

// It can fail, for example if certificates are gone meanwhile.
void listen_places::change_back(server& server, port& before) {
    try {
        before.at = listen(server, before, {});
    } catch (const std::exception& failed) {
        logger()->error("{} cannot be served as before: {}; restart the server", before.url, failed.what());
    }
}

bool listen_places::differ(const port& one, const port& other) {
    return !std::equal(one.places.begin(), one.places.end(), other.places.begin(), other.places.end(),
                       [](const place& a, const place& b) { return a.listener == b.listener && a.url == b.url; });
}

std::vector<endpoint> listen_places::addresses_of(const planned_listener& listener) const {
    std::vector<endpoint> found;
    for (const port& each : ports_) {
        if (each.has(listener))
            found.push_back(*each.at);
    }
    return found;
}

void listen_places::set_limits(server& server, const planned_listener& listener, const limits& bounds) {
    for (port& each : ports_) {
        if (!each.has(listener))
            continue;
        server.set_limits(*each.at, bounds);
        each.limits = bounds;
    }
}

void listen_places::set_proxies(server& server, const planned_listener& listener, const proxy_server_options& proxies) {
    for (port& each : ports_) {
        if (!each.has(listener))
            continue;
        server.set_proxies(*each.at, proxies);
        each.proxies = proxies;
    }
}

} // namespace fairlead::command
