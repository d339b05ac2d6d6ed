#include "topics/topics_core.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"

#include <new>
#include <stdexcept>
#include <utility>

namespace fairlead {

topics_core::topics_core(std::shared_ptr<topic_bridge> bridge, topics_options options)
    : options_{std::move(options)}, bridge_{std::move(bridge)}, counts_{options_.counted},
      bridge_state_{bridge_ ? bridge_state::ready : bridge_state::absent} {
    if (options_.max_topics == 0 || options_.max_name == 0 || options_.max_subscriptions == 0 ||
        options_.max_waiting == 0)
        throw std::invalid_argument{"a limit of topics_options is 0, which lets nothing through; use 1 or more"};
}

void topics_core::count_in(metrics& in) {
    const std::lock_guard lock{mutex_};
    if (bridge_state_ != bridge_state::absent && bridge_state_ != bridge_state::ready)
        throw std::logic_error{"topics::count_in was called after topics::start; call it before"};
    counts_.count_in(in);
    if (bridge_)
        bridge_->count_in(in);
}

// --- the bridge

void topics_core::start(shard_core& home) {
    {
        const std::lock_guard lock{mutex_};
        if (bridge_state_ != bridge_state::ready)
            return;
    }
    bridge_->start(home, *this);
    const std::lock_guard lock{mutex_};
    bridge_state_ = bridge_state::running;
    for (const auto& [name, each] : topics_) {
        const std::lock_guard inner{each->mutex};
        if (each->size != 0)
            bridge_->subscribe(name);
    }
}

// Stops the bridge without the lock, because it may be in `deliver`.
void topics_core::stop() noexcept {
    {
        const std::lock_guard lock{mutex_};
        if (bridge_state_ != bridge_state::running)
            return;
        bridge_state_ = bridge_state::stopped;
    }
    bridge_->stop();
}

bool topics_core::bridged() const {
    const std::lock_guard lock{mutex_};
    return bridge_state_ == bridge_state::running;
}

void topics_core::deliver(std::string_view topic, bytes_view message) {
    result<void> taken = errc::send_queue_full;
    log_exceptions([&] { taken = publish_here(topic, message); });
    if (!taken)
        lost(topic, 1);
}

void topics_core::lost(std::string_view topic, std::uint64_t messages) {
    counts_.of(topic).gap.add(messages);
    if (options_.on_gap)
        log_exceptions([&] { options_.on_gap(topic, messages); });
}

// --- messages

std::shared_ptr<topic> topics_core::find(std::string_view topic) const {
    const std::lock_guard lock{mutex_};
    const auto found = topics_.find(topic);
    return found == topics_.end() ? nullptr : found->second;
}

result<void> topics_core::publish(std::string_view topic, bytes_view message) {
    const auto here = publish_here(topic, message);
    if (!here || bridge_ == nullptr)
        return here;
    try {
        return bridged() ? bridge_->publish(topic, message) : errc::closed;
    } catch (const std::bad_alloc&) { // the subscribers of this process have it
        return make_error_code(boost::system::errc::not_enough_memory);
    }
}

result<void> topics_core::publish_here(std::string_view topic, bytes_view message) {
    const auto found = find(topic);
    if (!found) {
        counts_.of(topic).published.add();
        return {};
    }
    const auto shared = topic_message::make(message);
    const std::lock_guard lock{found->mutex};
    const auto has_none = [](const auto& part) { return part->size() == 0; };
    for (const auto& each : found->parts) {
        if (!has_none(each) && !each->has_room(message.size()))
            return errc::send_queue_full;
    }
    for (const auto& each : found->parts) {
        if (!has_none(each))
            each->reserve();
    }
    shared->set_number(++found->number);
    for (const auto& each : found->parts) {
        if (!has_none(each))
            each->push(shared);
    }
    found->counts.published.add();
    return {};
}

std::size_t topics_core::subscribers(std::string_view topic) const {
    const auto found = find(topic);
    if (!found)
        return 0;
    const std::lock_guard lock{found->mutex};
    return found->size;
}

std::vector<std::string> topics_core::names(std::string_view topic, std::size_t most) const {
    std::vector<std::string> all;
    const auto found = find(topic);
    if (!found)
        return all;
    const std::lock_guard lock{found->mutex};
    for (const auto& each : found->parts)
        each->names(all, most);
    return all;
}

// --- callbacks

void topics_core::tell(std::string_view topic, std::string_view name, presence::kind change) noexcept {
    if (!options_.on_presence)
        return;
    log_exceptions([&] {
        options_.on_presence({.topic = topic, .name = name, .change = change, .subscribers = subscribers(topic)});
    });
}

void topics_core::tell_left(const subscription& ended) noexcept {
    tell(ended.group().part().of().name, ended.name(), presence::kind::left);
}

void topics_core::tell_lagged(session_impl& peer, const topic& of, std::uint32_t& missed) {
    const std::string name = options_.on_lagged ? of.name : std::string{}; // the callback may unsubscribe
    const std::uint64_t number = std::exchange(missed, 0);
    if (options_.on_lagged)
        options_.on_lagged(peer, name, number);
}

} // namespace fairlead
