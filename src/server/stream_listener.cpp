#include "server/stream_listener.hpp"

#include "log/log_exceptions.hpp"

#include <utility>

namespace fairlead {

namespace {

std::vector<endpoint> addresses_of(const std::vector<listen_socket>& opened, const session_rules& rules) {
    std::vector<endpoint> found;
    for (const listen_socket& each : opened) {
        endpoint& address = found.emplace_back(each.local);
        address.set_tls(rules.tls != nullptr);
        address.set_websocket(rules.web != nullptr);
    }
    return found;
}

} // namespace

stream_listener::stream_listener(shard_core& first, admission& admitted, placement& placed,
                                 std::vector<listen_socket> opened, const session_rules& rules,
                                 const server_options& options, const proxy_server_options& proxy, std::string url)
    : listener{std::move(url), addresses_of(opened, rules)}, first_{first}, admission_{admitted}, placement_{placed},
      counted_{admitted.add(*rules.bounds)}, accepting_{
                                                 .has_capacity = [this] { return admission_.has_capacity(*counted_); },
                                                 .take =
                                                     [this](unique_descriptor socket, const endpoint& remote) {
                                                         take({std::move(socket), remote});
                                                     },
                                                 .rate = std::make_shared<token_bucket>(rules.bounds->accept_rate),
                                                 .users = options.unix_users,
                                                 .on_refused = options.on_refused,
                                             },
      rules_{std::make_shared<const session_rules>(rules)}, pending_{std::move(opened)} {
    counted_->set_name(addresses().front().to_string());
    if (proxy.trusted.empty())
        return;
    auto place = [this](arrival accepted, admission::permit held) {
        placement_.place(*counted_, std::move(held), std::move(accepted), this->rules());
    };
    proxied_.emplace(first, proxy_arrivals::rules{proxy, std::move(place), options.on_refused});
}

void stream_listener::take(arrival accepted) {
    if (proxied_)
        return proxied_->receive(std::move(accepted), admission_.hold(*counted_));
    placement_.place(*counted_, std::move(accepted), rules());
}

std::shared_ptr<const session_rules> stream_listener::rules() const {
    const std::lock_guard lock{mutex_};
    return rules_;
}

// Copies the framing and the handler without the lock, because that may run code of the program.
void stream_listener::set_limits(const limits& bounds) {
    counted_->set_limits(bounds);
    while (const auto present = rules()) {
        session_rules changed = *present;
        changed.bounds = std::make_shared<const limits>(bounds);
        auto next = std::make_shared<const session_rules>(std::move(changed));
        const std::lock_guard lock{mutex_};
        if (rules_ == present)
            return rules_.swap(next);
    } // they were changed meanwhile
}

void stream_listener::change(session_rules next, const url& at) {
    const bool tls = next.tls != nullptr;
    const bool websocket = next.web != nullptr;
    if (next.bounds)
        counted_->set_limits(*next.bounds);
    const auto changed = std::make_shared<session_rules>(std::move(next));
    std::shared_ptr<const session_rules> before = changed; // destroyed outside of the lock
    {
        const std::lock_guard lock{mutex_};
        if (!rules_)
            return;
        if (!changed->bounds)
            changed->bounds = rules_->bounds;
        rules_.swap(before);
    }
    rename(socket_name(at), tls, websocket);
    counted_->set_name(addresses().front().to_string());
}

std::shared_ptr<const limits> stream_listener::bounds() const {
    const auto present = rules();
    return present ? present->bounds : nullptr;
}

std::shared_ptr<tls_rules> stream_listener::tls() const {
    const auto present = rules();
    return present ? present->tls : nullptr;
}

std::vector<std::string> stream_listener::urls(const endpoint& at) const {
    const auto present = rules();
    if (!present || !present->web)
        return listener::urls(at);
    std::vector<std::string> found;
    url address = url::parse(at.to_string());
    for (const websocket_path& each : present->web->paths) {
        address.path = each.path;
        found.push_back(address.to_string());
    }
    return found;
}

void stream_listener::apply_limits() {
    *accepting_.rate = token_bucket{rules()->bounds->accept_rate};
    resume();
}

void stream_listener::start(std::size_t shard) {
    if (shard != 0)
        return;
    const std::lock_guard lock{mutex_};
    for (listen_socket& each : std::exchange(pending_, {}))
        acceptors_.push_back(std::make_unique<acceptor>(first_, std::move(each), accepting_));
}

void stream_listener::resume() {
    for (const auto& each : acceptors_)
        each->resume();
}

void stream_listener::refuse_newcomers() noexcept {
    for (const auto& each : acceptors_)
        each->refuse_newcomers();
}

// The acceptors take the connections whose handshakes end meanwhile, so no thread waits for them.
void stream_listener::leave(std::size_t shard) {
    if (shard != 0 || closed_)
        return;
    refuse_newcomers();
    closing_.emplace(first_, [this] { stop_accepting(std::chrono::steady_clock::now()); });
    closing_->set(handshake_time);
}

void stream_listener::lend(std::size_t shard, std::vector<lent_socket>& to) const {
    if (shard != 0)
        return;
    for (const auto& each : acceptors_)
        each->lend(to);
}

// PROXY headers and handshakes that have begun continue.
void stream_listener::hand_on(std::size_t shard) noexcept {
    if (shard != 0)
        return;
    for (const auto& each : acceptors_)
        each->close();
}

// Does not wait for PROXY headers that have not come.
void stream_listener::stop(std::chrono::steady_clock::time_point handshakes_end) noexcept {
    closing_.reset(); // on this thread: the last owner of the listener may be on another
    stop_accepting(handshakes_end);
    if (proxied_)
        proxied_->end();
}

void stream_listener::stop_accepting(std::chrono::steady_clock::time_point handshakes_end) noexcept {
    for (const auto& each : acceptors_)
        each->stop(handshakes_end);
    closed_ = true;
}

void stream_listener::close() noexcept {
    closing_.reset();
    std::vector<listen_socket> unused;
    {
        const std::lock_guard lock{mutex_};
        unused.swap(pending_);
    }
    for (const auto& each : acceptors_)
        each->close();
    if (proxied_)
        proxied_->end();
    closed_ = true;
}

void stream_listener::release_handlers() noexcept {
    std::shared_ptr<const session_rules> released; // destroyed outside of the lock
    const std::lock_guard lock{mutex_};
    rules_.swap(released);
}

listener_statistics stream_listener::statistics() const {
    listener_statistics found;
    found.address = addresses().front();
    found.open = listed();
    found.active = counted_->active();
    found.accepted = counted_->accepted();
    found.max_sessions = found.open ? admission_.most(*counted_) : 0;
    found.refused_for_address = counted_->refused_for_address.value();
    found.refused_for_memory = counted_->refused_for_memory.value();
    found.refused_for_proxy = proxied_ ? proxied_->refused().value() : 0;
    const std::lock_guard lock{mutex_};
    for (const auto& each : acceptors_) {
        const acceptor::counters& counted = each->counted();
        found.accept_failures += counted.failures.value();
        found.accept_pauses += counted.pauses.value();
        found.held_for_sessions += counted.held_for_sessions.value();
        found.held_for_rate += counted.held_for_rate.value();
    }
    return found;
}

} // namespace fairlead
