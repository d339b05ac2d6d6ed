#include "server/udp_group.hpp"

#include "channel/channel.hpp"
#include "core/random_seed.hpp"
#include "datagram/datagram_sessions.hpp"
#include "datagram/message_dispatcher.hpp"
#include "server/session_group.hpp"

#include <utility>

namespace fairlead {

udp_group::~udp_group() = default;

void udp_group::add(listen_socket opened, const udp_rules& rules, std::shared_ptr<udp_peers> peers) {
    if (!buffers_)
        buffers_ = std::make_shared<receive_batch>();
    served next;
    next.socket =
        std::make_unique<udp_endpoint>(sessions_.shard(), buffers_, std::move(opened.socket), opened.local, rules.how);
    next.sink = make_sink(*next.socket, rules, peers);
    next.peers = std::move(peers);
    next.socket->start(*next.sink);
    const std::lock_guard lock{mutex_};
    served_.push_back(std::move(next));
}

std::unique_ptr<datagram_sink> udp_group::make_sink(udp_endpoint& through, const udp_rules& rules,
                                                    const std::shared_ptr<udp_peers>& peers) {
    handler serve = rules.serve;
    if (message_handler* const each = serve.per_message())
        return std::make_unique<message_dispatcher>(through, std::move(*each));
    return std::make_unique<datagram_sessions>(
        through, *peers,
        [this, peers, rules](std::unique_ptr<channel> messages) {
            auto permit = peers->begin_session(messages->remote());
            if (!permit)
                return false;
            sessions_.reserve();
            sessions_.serve(std::move(messages), rules.serve, rules.bounds, std::move(*permit));
            return true;
        },
        random_seed());
}

void udp_group::stop(std::function<void()> on_drained) {
    if (served_.empty())
        return on_drained();
    on_drained_ = std::move(on_drained);
    to_drain_ = served_.size();
    for (const served& each : served_) {
        each.socket->stop([this] {
            if (--to_drain_ == 0)
                std::exchange(on_drained_, nullptr)();
        });
    }
}

std::size_t udp_group::cut_off() noexcept {
    std::size_t dropped = 0;
    for (const served& each : served_)
        dropped += each.socket->cut_off();
    return dropped;
}

void udp_group::close() noexcept {
    for (const served& each : served_)
        each.socket->close();
}

void udp_group::release_handlers() noexcept {
    const std::lock_guard lock{mutex_};
    for (served& each : served_)
        each.sink.reset();
}

bool udp_group::empty() const {
    const std::lock_guard lock{mutex_};
    return served_.empty();
}

datagram_statistics udp_group::statistics() const {
    const std::lock_guard lock{mutex_};
    datagram_statistics sum;
    for (const served& each : served_)
        sum += values_of(each.socket->counters());
    return sum;
}

std::optional<std::string> udp_group::name_of(std::uint64_t id) const {
    const std::lock_guard lock{mutex_};
    for (const served& each : served_) {
        if (each.socket->id() == id)
            return each.socket->local().to_string();
    }
    return {};
}

} // namespace fairlead
