#include "server/datagram_listener.hpp"

#include "log/log_exceptions.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

namespace {

std::vector<endpoint> addresses_of(const std::vector<udp_listen_sockets>& opened) {
    std::vector<endpoint> found;
    for (const udp_listen_sockets& each : opened)
        found.push_back(each.front().local);
    return found;
}

} // namespace

datagram_listener::datagram_listener(const shard_services& services, std::vector<udp_listen_sockets> opened,
                                     const udp_rules& rules, std::string url)
    : listener{std::move(url), addresses_of(opened)}, services_{services}, rules_{rules},
      peers_{std::make_shared<udp_peers>(*rules_)}, expects_proxies_{!rules.how.proxy.trusted.empty()},
      pending_(services.size()) {
    peers_->set_name(addresses().front().to_string());
    for (udp_listen_sockets& sockets : opened) {
        const auto& here =
            outlets_.emplace_back(std::make_shared<udp_outlets>(sockets.front().local, rules.how.max_reply_ratio));
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            const std::size_t shard = i % services.size(); // there may be more passed sockets than shards
            const auto& outlet = here->add(services[shard]->sessions.shard().inbox(), rules.bounds->max_write_buffer);
            pending_[shard].push_back({std::move(sockets[i]), outlet});
        }
    }
}

void datagram_listener::set_limits(const limits& bounds) {
    peers_->set_limits(std::make_shared<const limits>(bounds));
}

void datagram_listener::start(std::size_t shard) {
    std::vector<pending> here;
    std::optional<udp_rules> rules;
    {
        const std::lock_guard lock{mutex_};
        here.swap(pending_[shard]);
        rules = rules_;
    }
    for (pending& each : here)
        services_[shard]->datagrams.add(std::move(each.opened), each.outlet, *rules, peers_);
}

void datagram_listener::set_proxies(const proxy_server_options& proxies) {
    {
        const std::lock_guard lock{mutex_};
        if (rules_)
            rules_->how.proxy = proxies; // for sockets that start later
    }
    for (const auto& each : services_) {
        boost::asio::post(each->sessions.shard().executor(),
                          [here = each.get(), keep = each->sessions.keep_alive(), peers = peers_, proxies] {
                              here->datagrams.set_proxies(*peers, proxies);
                          });
    }
}

void datagram_listener::release_handlers() noexcept {
    std::optional<udp_rules> released; // destroyed outside of the lock
    const std::lock_guard lock{mutex_};
    rules_.swap(released);
}

void datagram_listener::lend(std::size_t shard, std::vector<lent_socket>& to) const {
    services_[shard]->datagrams.lend(*peers_, to);
}

void datagram_listener::leave(std::size_t shard) {
    services_[shard]->datagrams.leave(*peers_);
    closed_ = true;
}

void datagram_listener::hand_on(std::size_t shard) noexcept {
    log_exceptions([&] { leave(shard); });
}

void datagram_listener::close() noexcept {
    const std::lock_guard lock{mutex_};
    for (auto& each : pending_)
        each.clear();
    closed_ = true;
}

bool datagram_listener::has_ended() const noexcept {
    const auto all_closed = [](const auto& address) {
        const auto& sockets = address->sockets();
        return std::none_of(sockets.begin(), sockets.end(), [](const auto& each) { return each->is_open(); });
    };
    return closed_ && peers_->door().active() == 0 && std::all_of(outlets_.begin(), outlets_.end(), all_closed);
}

std::shared_ptr<const udp_outlets> datagram_listener::outlets(const endpoint& at) const {
    const auto found =
        std::find_if(outlets_.begin(), outlets_.end(), [&at](const auto& each) { return each->local() == at; });
    return found == outlets_.end() ? nullptr : *found;
}

listener_statistics datagram_listener::statistics() const {
    listener_statistics found;
    found.address = addresses().front();
    found.open = listed();
    found.active = peers_->door().active();
    found.accepted = peers_->door().accepted();
    for (const auto& address : outlets_) {
        for (const auto& each : address->sockets())
            found.datagrams += values_of(each->counters());
    }
    return found;
}

} // namespace fairlead
