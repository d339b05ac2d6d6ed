#include "server/listeners.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead {

namespace {

// What handshakes get that had begun when the stop did: enough for peers near by, and for a busy machine's own.
constexpr std::chrono::milliseconds handshake_time{20};

} // namespace

endpoint listeners::open(const url& at, const session_rules& rules, const server_options& options) {
    auto opened = open_listen_sockets(at, options.unix_mode, options.socket, addresses_);
    const endpoint first = opened.front().local;
    const auto shared_rules = std::make_shared<const session_rules>(rules);
    admission::listener& counted = admission_.add(*rules.bounds);
    const acceptor::rules accepting{
        .has_capacity = [this, &counted] { return admission_.has_capacity(counted); },
        .take =
            [this, &counted, shared_rules](unique_descriptor socket, const endpoint& remote) {
                placement_.place(counted, std::move(socket), remote, shared_rules);
            },
        .rate = std::make_shared<token_bucket>(rules.bounds->accept_rate),
        .users = options.unix_users,
        .on_refused = options.on_refused,
    };
    const std::lock_guard lock{mutex_};
    for (listen_socket& each : opened) {
        addresses_.push_back(each.local);
        pending_streams_.push_back({std::move(each), accepting});
    }
    drain_limit_ = std::max(drain_limit_, rules.bounds->drain_timeout);
    return first;
}

endpoint listeners::open(const url& at, const udp_rules& rules) {
    auto opened = open_udp_sockets(at, rules.how, services_.size(), addresses_);
    const endpoint first = opened.front().front().local;
    const auto shared_rules = std::make_shared<const udp_rules>(rules);
    const auto peers = std::make_shared<udp_peers>(rules);
    const std::lock_guard lock{mutex_};
    pending_datagrams_.resize(services_.size());
    for (udp_listen_sockets& sockets : opened) {
        addresses_.push_back(sockets.front().local);
        for (std::size_t i = 0; i < sockets.size(); ++i)
            pending_datagrams_[i].push_back({std::move(sockets[i]), shared_rules, peers});
    }
    drain_limit_ = std::max(drain_limit_, rules.bounds->drain_timeout);
    return first;
}

void listeners::start_streams() {
    const std::lock_guard lock{mutex_};
    shard_core& first = services_.front()->sessions.shard();
    for (pending_stream& each : std::exchange(pending_streams_, {}))
        acceptors_.push_back(std::make_unique<acceptor>(first, std::move(each.opened), std::move(each.rules)));
}

void listeners::start_datagrams(std::size_t shard) {
    const std::lock_guard lock{mutex_};
    if (shard >= pending_datagrams_.size())
        return;
    for (pending_datagrams& each : std::exchange(pending_datagrams_[shard], {}))
        services_[shard]->datagrams.add(std::move(each.opened), *each.rules, each.peers);
}

void listeners::announce(const std::function<void(const endpoint&)>& tell) const {
    for (const endpoint& each : addresses_)
        tell(each);
}

void listeners::resume() {
    for (const auto& each : acceptors_)
        each->resume();
}

void listeners::stop() noexcept {
    for (const auto& each : acceptors_)
        each->refuse_newcomers();
    const auto handshakes_end = std::chrono::steady_clock::now() + handshake_time;
    for (const auto& each : acceptors_)
        each->stop(handshakes_end);
}

void listeners::close() noexcept {
    const std::lock_guard lock{mutex_};
    for (const auto& each : acceptors_)
        each->close();
    pending_streams_.clear();
    pending_datagrams_.clear();
}

void listeners::release_handlers() noexcept {
    for (const auto& each : acceptors_)
        each->release_handlers();
}

void listeners::add_to(statistics& sum) const {
    const std::lock_guard lock{mutex_};
    for (const auto& each : acceptors_) {
        const acceptor::counters& counted = each->counted();
        sum.accept_failures += counted.failures.value();
        sum.accept_pauses += counted.pauses.value();
        sum.held_for_sessions += counted.held_for_sessions.value();
        sum.held_for_rate += counted.held_for_rate.value();
    }
}

} // namespace fairlead
