// How a server changes its listeners, before it runs and while it does.

#include "framing/websocket_messages.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/datagram_listener.hpp"
#include "server/listen_checks.hpp"
#include "server/server_core.hpp"
#include "server/stream_listener.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace fairlead {

endpoint server_core::listen(std::string_view text, framing messages, handler serve, const listen_options& how) {
    check_not_stopped();
    const limits& bounds = how.limits ? *how.limits : options_.limits;
    validate(bounds, admission_.most());
    if (budget_)
        validate_message_size(messages.max_message(), budget_->most());
    const url url = stream_url(text);
    validate(url, how.tls);
    validate(url, how.proxy);
    validate(url, how.websocket);
    session_rules rules{std::move(messages), std::move(serve), std::make_shared<const limits>(bounds)};
    if (const websocket* const spoken = messages_of(url, rules.messages))
        rules.web = std::make_shared<const web_rules>(url, *spoken, rules.serve, how.websocket);
    if (url.tls)
        rules.tls = std::make_shared<tls_rules>(how.tls, options_.on_refused, inherited_.take_keys(url));
    auto sockets = inherited_.take(url, listens_for::sessions, options_.socket);
    if (sockets.empty())
        sockets = open_listen_sockets(url, options_.unix_mode, options_.socket, listeners_.addresses());
    return add(std::make_shared<stream_listener>(first(), admission_, placement_, inherited_.shared(std::move(sockets)),
                                                 rules, options_, how.proxy, url.to_string()));
}

endpoint server_core::listen(std::string_view url, handler serve, const udp_options& how, const limits& bounds) {
    check_not_stopped();
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

// What is posted here is done before a stop that comes later, for posts keep their order.
endpoint server_core::add(std::shared_ptr<listener> opened) {
    const endpoint first_address = opened->addresses().front();
    const std::lock_guard lock{life_mutex_};
    if (stop_asked_)
        refuse_after_stop();
    listeners_.add(opened);
    for (std::size_t i = 0; started_ && i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(),
                          [self = shared_from_this(), opened, i] { self->start_late(*opened, i); });
    return first_address;
}

// A server that runs goes on with the others.
void server_core::start_late(listener& opened, std::size_t shard) noexcept {
    bool started = false;
    log_exceptions([&] {
        opened.start(shard);
        started = true;
        if (shard == 0) {
            listeners_.forget_ended();
            announce();
        }
    });
    if (!started)
        log_exceptions([&] { unlisten(opened.addresses().front()); });
}

bool server_core::unlisten(const endpoint& at) {
    const std::lock_guard lock{life_mutex_};
    const auto found = listeners_.find(at);
    if (!found)
        return false;
    if (!started_)
        found->close();
    for (std::size_t i = 0; started_ && i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(), [self = shared_from_this(), found, i] {
            found->leave(i);
            if (i == 0)
                self->listeners_.forget_ended();
        });
    found->take_off();
    return true;
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
        throw std::invalid_argument{at.to_string() + " expects " + (found->expects_proxies() ? "a" : "no") +
                                    " PROXY header from each peer, and this does not change; remove the listener "
                                    "and open another one"};
    validate(url::parse(at.to_string()), proxies);
    boost::asio::post(first().executor(), [found, proxies] { found->set_proxies(proxies); });
    return true;
}

namespace {

// Returns why a listener keeps the certificates that it has; empty if it has new ones.
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

udp_sender server_core::sender(const endpoint& at) const {
    const auto found = listeners_.find(at);
    const auto outlets = found ? found->outlets(at) : nullptr;
    if (!outlets)
        throw std::invalid_argument{"this server has no UDP listener at " + at.to_string() +
                                    "; give the address that listen returned"};
    return outlets->sender();
}

void server_core::check_not_stopped() {
    const std::lock_guard lock{life_mutex_};
    if (stop_asked_)
        refuse_after_stop();
}

void server_core::refuse_after_stop() {
    throw std::logic_error{"a server that was stopped listens no more; make another one"};
}

} // namespace fairlead
