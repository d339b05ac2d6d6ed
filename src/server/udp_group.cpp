#include "server/udp_group.hpp"

#include "channel/channel.hpp"
#include "core/random_seed.hpp"
#include "datagram/datagram_sessions.hpp"
#include "datagram/message_dispatcher.hpp"
#include "proxy/proxy_header.hpp"
#include "server/session_group.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

udp_group::~udp_group() = default;

void udp_group::add(listen_socket opened, std::shared_ptr<udp_outlet> outlet, const udp_rules& rules,
                    std::shared_ptr<udp_peers> peers) {
    if (!buffers_)
        buffers_ = std::make_shared<receive_batch>();
    auto next = std::make_unique<served>();
    const proxy_server_options& proxies = rules.how.proxy;
    udp_options how = rules.how;
    if (!proxies.trusted.empty())
        how.max_message += max_proxy_header_v2; // the sink looks at the message behind the header
    next->socket =
        std::make_unique<udp_endpoint>(sessions_.shard(), buffers_, std::move(opened.socket), std::move(outlet), how);
    next->sharing = opened.sharing;
    next->sink = make_sink(*next->socket, rules, peers);
    if (!proxies.trusted.empty()) {
        auto behind = std::make_unique<proxied_datagrams>(std::move(next->sink), proxies, rules.how.max_message,
                                                          next->socket->counters());
        next->proxied = behind.get();
        next->sink = std::move(behind);
    }
    next->peers = std::move(peers);
    next->socket->start(*next->sink);
    const std::lock_guard lock{mutex_};
    served_.push_back(std::move(next));
}

std::unique_ptr<datagram_sink> udp_group::make_sink(udp_endpoint& through, const udp_rules& rules,
                                                    const std::shared_ptr<udp_peers>& peers) {
    handler serve = rules.serve;
    if (message_handler* const each = serve.per_datagram())
        return std::make_unique<message_dispatcher>(through, std::move(*each));
    return std::make_unique<datagram_sessions>(
        through, *peers,
        [this, peers, serve = rules.serve](std::unique_ptr<channel> messages) {
            auto permit = peers->begin_session(messages->remote());
            if (!permit)
                return false;
            sessions_.reserve();
            sessions_.serve(std::move(messages), serve, peers->bounds(), std::move(*permit));
            return true;
        },
        random_seed());
}

// --- ending

void udp_group::drain(served& one) {
    if (one.now != phase::serving)
        return;
    one.now = phase::draining;
    using enum udp_endpoint::remainder;
    one.socket->stop(one.sharing.is_shared() ? left_to_others : handled, [this, &one] { on_drained(one); });
}

void udp_group::set_proxies(const udp_peers& peers, const proxy_server_options& proxies) {
    for (const auto& each : served_) {
        if (each->peers.get() == &peers && each->proxied)
            each->proxied->use(proxies);
    }
}

void udp_group::lend(const udp_peers& peers, std::vector<lent_socket>& to) const {
    for (const auto& each : served_) {
        if (each->peers.get() == &peers && each->now == phase::serving)
            to.push_back({copy_of(each->socket->native_handle()), each->sharing.origin, {}});
    }
}

void udp_group::on_drained(served& one) {
    one.now = phase::drained;
    if (one.leaving)
        remove_later(one);
    tell_if_all_drained();
}

void udp_group::leave(const udp_peers& peers) {
    for (const auto& each : served_) {
        if (each->peers.get() != &peers || std::exchange(each->leaving, true))
            continue;
        if (each->now == phase::drained)
            remove_later(*each);
        else
            drain(*each);
    }
}

// Removes it later: the socket, or its last session, calls this.
void udp_group::remove_later(served& one) {
    sessions_.drain(one.peers->door());
    one.sink->when_unused([this, &one] {
        if (closed_)
            return;
        boost::asio::post(sessions_.shard().executor(), [this, &one, keep = sessions_.keep_alive()] { remove(one); });
    });
}

void udp_group::remove(const served& one) {
    const auto found =
        std::find_if(served_.begin(), served_.end(), [&one](const auto& each) { return each.get() == &one; });
    if (closed_ || found == served_.end())
        return;
    one.socket->close();
    const std::lock_guard lock{mutex_};
    if (!of_removed_)
        of_removed_.emplace();
    *of_removed_ += values_of(one.socket->counters());
    served_.erase(found);
}

void udp_group::stop(std::function<void()> on_drained) {
    on_all_drained_ = std::move(on_drained);
    for (const auto& each : served_)
        drain(*each);
    tell_if_all_drained();
}

void udp_group::tell_if_all_drained() {
    const auto is_drained = [](const auto& each) { return each->now == phase::drained; };
    if (on_all_drained_ && std::all_of(served_.begin(), served_.end(), is_drained))
        std::exchange(on_all_drained_, nullptr)();
}

std::size_t udp_group::cut_off() noexcept {
    std::size_t dropped = 0;
    for (const auto& each : served_)
        dropped += each->socket->cut_off();
    return dropped;
}

void udp_group::expire_handles() noexcept {
    for (const auto& each : served_)
        each->socket->outlet()->close();
}

void udp_group::close() noexcept {
    closed_ = true;
    for (const auto& each : served_)
        each->socket->close();
}

void udp_group::release_handlers() noexcept {
    const std::lock_guard lock{mutex_};
    for (const auto& each : served_)
        each->sink.reset();
}

// --- for other threads

bool udp_group::empty() const {
    const std::lock_guard lock{mutex_};
    return served_.empty() && !of_removed_;
}

datagram_statistics udp_group::statistics() const {
    const std::lock_guard lock{mutex_};
    datagram_statistics sum = of_removed_.value_or(datagram_statistics{});
    for (const auto& each : served_)
        sum += values_of(each->socket->counters());
    return sum;
}

std::optional<std::string> udp_group::name_of(std::uint64_t id) const {
    const std::lock_guard lock{mutex_};
    for (const auto& each : served_) {
        if (each->socket->id() == id)
            return each->socket->local().to_string();
    }
    return {};
}

} // namespace fairlead
