// Changes of the listeners of a server, before it runs and while it runs.

#include "framing/websocket_messages.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/datagram_listener.hpp"
#include "server/listen_checks.hpp"
#include "server/server_core.hpp"
#include "server/stream_listener.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace fairlead {

namespace {

bool has_sockets_of(const url& next, const listener& running) {
    const url present = url::parse(running.name());
    if (next.transport != present.transport || next.host != present.host)
        return false;
    if (next.transport == transport::unix_stream)
        return next.path == present.path;
    return next.port == present.port || next.port == running.addresses().front().port();
}

[[noreturn]] void refuse_other_proxies(const endpoint& at, bool expected) {
    throw std::invalid_argument{at.to_string() + " expects " + (expected ? "a" : "no") +
                                " PROXY header from each peer, and this does not change; remove the listener "
                                "and open another one"};
}

} // namespace

// Returns the rules without `tls` and `bounds`, which the caller sets.
session_rules server_core::rules_for(const url& at, framing messages, handler serve, const listen_options& how) {
    if (how.limits)
        validate(*how.limits, admission_.most());
    validate(at, how.tls);
    validate(at, how.proxy);
    validate(at, how.websocket);
    session_rules rules{std::move(messages), std::move(serve), {}};
    if (const websocket* const spoken = messages_of(at, rules.messages))
        rules.web = std::make_shared<const web_rules>(at, *spoken, rules.serve, how.websocket);
    if (budget_)
        validate_message_size(rules.web ? rules.web->max_message() : rules.messages.max_message(), budget_->most());
    return rules;
}

endpoint server_core::listen(std::string_view text, framing messages, handler serve, const listen_options& how) {
    check_changeable();
    const url url = stream_url(text);
    listen_options bound = how;
    if (!bound.limits)
        bound.limits = options_.limits;
    session_rules rules = rules_for(url, std::move(messages), std::move(serve), bound);
    rules.bounds = std::make_shared<const limits>(*bound.limits);
    if (url.tls)
        rules.tls = std::make_shared<tls_rules>(how.tls, options_.on_refused, inherited_.take_keys(url));
    auto sockets = inherited_.take(url, listens_for::sessions, options_.socket);
    if (sockets.empty())
        sockets = open_listen_sockets(url, options_.unix_mode, options_.socket, listeners_.addresses());
    return add(std::make_shared<stream_listener>(first(), admission_, placement_, inherited_.shared(std::move(sockets)),
                                                 rules, options_, how.proxy, socket_name(url)));
}

endpoint server_core::change(const endpoint& at, std::string_view text, framing messages, handler serve,
                             const listen_options& how) {
    check_changeable();
    const auto found = std::dynamic_pointer_cast<stream_listener>(listeners_.find(at));
    if (!found)
        throw std::invalid_argument{"this server has no listener for connections at " + at.to_string() +
                                    "; give the address that listen or change returned"};
    const url url = stream_url(text);
    if (!has_sockets_of(url, *found))
        throw std::invalid_argument{"the listener at " + at.to_string() + " cannot change to '" + url.to_string() +
                                    "', which has other sockets; remove it and open another one"};
    if (how.proxy.trusted.empty() == found->expects_proxies())
        refuse_other_proxies(at, found->expects_proxies());
    session_rules rules = rules_for(url, std::move(messages), std::move(serve), how);
    if (how.limits)
        rules.bounds = std::make_shared<const limits>(*how.limits);
    if (url.tls) {
        const auto present = found->tls();
        rules.tls = present && present->is_made_with(how.tls)
                        ? present
                        : std::make_shared<tls_rules>(how.tls, options_.on_refused);
    }
    found->change(std::move(rules), url);
    boost::asio::post(first().executor(),
                      [self = shared_from_this(), found, limited = how.limits.has_value(), proxies = how.proxy] {
                          if (limited)
                              found->apply_limits();
                          if (!proxies.trusted.empty())
                              found->set_proxies(proxies);
                      });
    return found->addresses().front();
}

endpoint server_core::listen(std::string_view url, handler serve, const udp_options& how, const limits& bounds) {
    check_changeable();
    validate(bounds);
    const fairlead::url at = datagram_url(url);
    validate(at, how.proxy);
    const udp_rules rules{std::move(serve), how, std::make_shared<const limits>(bounds)};
    auto sockets = inherited_.take_datagrams(at, how);
    if (sockets.empty())
        sockets = open_udp_sockets(at, how, services_.size(), listeners_.addresses());
    for (udp_listen_sockets& each : sockets)
        each = inherited_.shared(std::move(each));
    return add(std::make_shared<datagram_listener>(services_, std::move(sockets), rules, at.to_string()));
}

// Posts keep their order, so the listener starts before a later stop.
endpoint server_core::add(std::shared_ptr<listener> opened) {
    const endpoint first_address = opened->addresses().front();
    const std::lock_guard lock{life_mutex_};
    refuse_if_unchangeable();
    listeners_.add(opened);
    for (std::size_t i = 0; started_ && i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(),
                          [self = shared_from_this(), opened, i] { self->start_late(*opened, i); });
    return first_address;
}

// If the listener cannot start, the server continues with the others.
void server_core::start_late(listener& opened, std::size_t shard) noexcept {
    bool started = false;
    log_exceptions([&] {
        opened.start(shard);
        started = true;
        if (shard == 0)
            announce();
    });
    if (started)
        return;
    log_exceptions([&] {
        const std::lock_guard lock{life_mutex_};
        remove(opened.addresses().front());
    });
}

bool server_core::unlisten(const endpoint& at) {
    const std::lock_guard lock{life_mutex_};
    if (!stop_asked_)
        refuse_while_lent();
    return remove(at);
}

bool server_core::remove(const endpoint& at) {
    const auto found = listeners_.find(at);
    if (!found)
        return false;
    found->take_off();
    if (!started_)
        found->close();
    for (std::size_t i = 0; started_ && i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(), [self = shared_from_this(), found, i] {
            found->leave(i);
            if (i == 0)
                self->forget_ended();
        });
    return true;
}

// Looks again later while removed listeners have sessions.
void server_core::forget_ended() noexcept {
    log_exceptions([this] {
        constexpr std::chrono::milliseconds pause{500};
        if (!listeners_.forget_ended() || shutdown_.begun())
            return;
        if (!forgetting_)
            forgetting_.emplace(first(), [this] { forget_ended(); });
        forgetting_->set(pause);
        forgetting_->keep_running(false);
    });
}

std::optional<limits> server_core::limits_of(const endpoint& at) const {
    const auto found = listeners_.find(at);
    const auto bounds = found ? found->bounds() : nullptr;
    return bounds ? std::optional{*bounds} : std::nullopt;
}

bool server_core::set_limits(const endpoint& at, const limits& bounds) {
    const auto found = listeners_.find(at);
    if (!found)
        return false;
    if (at.transport() == transport::udp)
        validate(bounds);
    else
        validate(bounds, admission_.most());
    found->set_limits(bounds);
    boost::asio::post(first().executor(), [self = shared_from_this(), found] { found->apply_limits(); });
    return true;
}

bool server_core::set_proxies(const endpoint& at, const proxy_server_options& proxies) {
    const auto found = listeners_.find(at);
    if (!found)
        return false;
    if (!found->expects_proxies() || proxies.trusted.empty())
        refuse_other_proxies(at, found->expects_proxies());
    validate(url::parse(at.to_string()), proxies);
    boost::asio::post(first().executor(), [found, proxies] { found->set_proxies(proxies); });
    return true;
}

namespace {

// Returns the reason why a listener keeps its present certificates; empty if it has new ones.
std::string reload(const listener& each, tls_rules& tls) {
    const std::string name = each.addresses().front().to_string();
    try {
        tls.reload();
        log_exceptions([&] { log_info(name + ": the certificates were read again"); });
        return {};
    } catch (const std::exception& refused) {
        std::string fault = name + " keeps its certificates: " + refused.what();
        log_exceptions([&] { log_warning(fault); });
        return fault;
    }
}

} // namespace

void server_core::reload_certificates() {
    std::string faults;
    for (const auto& each : listeners_.listed()) {
        const auto tls = each->tls();
        const std::string fault = tls ? reload(*each, *tls) : "";
        faults += (faults.empty() || fault.empty() ? "" : "; ") + fault;
    }
    if (!faults.empty())
        throw std::invalid_argument{faults};
}

bool server_core::reload_certificates(const endpoint& at) {
    const auto found = listeners_.find(at);
    const auto tls = found ? found->tls() : nullptr;
    if (!tls)
        return false;
    if (const std::string fault = reload(*found, *tls); !fault.empty())
        throw std::invalid_argument{fault};
    return true;
}

std::vector<std::string> server_core::urls(const endpoint& at) const {
    const auto found = listeners_.find(at);
    return found ? found->urls(at) : std::vector<std::string>{};
}

udp_sender server_core::sender(const endpoint& at) const {
    const auto found = listeners_.find(at);
    const auto outlets = found ? found->outlets(at) : nullptr;
    if (!outlets)
        throw std::invalid_argument{"this server has no UDP listener at " + at.to_string() +
                                    "; give the address that listen returned"};
    return outlets->sender();
}

void server_core::check_changeable() {
    const std::lock_guard lock{life_mutex_};
    refuse_if_unchangeable();
}

void server_core::refuse_if_unchangeable() const {
    if (stop_asked_)
        refuse_after_stop();
    refuse_while_lent();
}

void server_core::refuse_after_stop() {
    throw std::logic_error{"a server that was stopped listens no more; make another one"};
}

// A listener that is added after the copies were made would end with this process. The sockets of a removed
// one would stay open in the other process.
void server_core::refuse_while_lent() const {
    if (joint_->are_lent())
        throw std::runtime_error{
            "this server hands its sockets over to another process, so its listeners stay as they are; "
            "try again if that process does not start"};
}

} // namespace fairlead
