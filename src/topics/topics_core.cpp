#include "topics/topics_core.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"

#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

/// The subscriptions of a session to these topics.
template <class Visit>
void for_each_subscription(const session_impl& peer, const topics_core& in, Visit visit) {
    for (session_watcher* each = peer.watchers().front(); each; each = peer.watchers().after(*each)) {
        auto* const found = dynamic_cast<subscription*>(each);
        if (found && &found->group().part().of().core == &in)
            visit(*found);
    }
}

subscription* find_subscription(const session_impl& peer, const topics_core& in, std::string_view topic) {
    subscription* found = nullptr;
    for_each_subscription(peer, in, [&](subscription& each) {
        if (each.group().part().of().name == topic)
            found = &each;
    });
    return found;
}

std::size_t count_subscriptions(const session_impl& peer, const topics_core& in) {
    std::size_t count = 0;
    for_each_subscription(peer, in, [&](const subscription&) { ++count; });
    return count;
}

} // namespace

/// Deletes, in the end, a topic and a part that were made for a subscriber and have none.
class topics_core::cleaning {
public:
    cleaning() noexcept = default;
    cleaning(const cleaning&) = delete;
    cleaning& operator=(const cleaning&) = delete;
    ~cleaning() {
        if (of)
            of->core.prune(*of, part);
    }

    std::shared_ptr<topic> of;
    topic_part* part = nullptr;
};

topics_core::topics_core(std::shared_ptr<topic_bridge> bridge, topics_options options)
    : options_{std::move(options)}, bridge_{std::move(bridge)}, counts_{options_.counted},
      bridge_state_{bridge_ ? bridge_state::ready : bridge_state::absent} {
    if (options_.max_topics == 0 || options_.max_name == 0 || options_.max_subscriptions == 0 ||
        options_.max_waiting == 0)
        throw std::invalid_argument{"a limit of topics_options is 0, which lets nothing through; use 1 or more"};
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

// The bridge may be in `deliver` meanwhile.
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

// --- subscribers

result<void> topics_core::subscribe(session_impl& peer, std::string_view topic, const subscription_options& how) {
    if (topic.empty() || topic.size() > options_.max_name || how.name.size() > options_.max_name)
        return errc::refused_by_limit;
    if (subscription* const there = find_subscription(peer, *this, topic)) {
        const std::lock_guard lock{there->group().part().of().mutex};
        there->set(how);
        return {};
    }
    if (count_subscriptions(peer, *this) >= options_.max_subscriptions)
        return errc::refused_by_limit;
    const auto joined = join(peer, topic, how);
    if (joined)
        tell(topic, how.name, presence::kind::joined);
    return joined;
}

result<void> topics_core::join(session_impl& peer, std::string_view topic, const subscription_options& how) {
    std::string encoding = peer.encoding();
    cleaning made; // destroyed after the locks
    const std::lock_guard lock{mutex_};
    made.of = find_or_make(topic);
    if (!made.of)
        return errc::refused_by_limit;
    const std::lock_guard inner{made.of->mutex};
    made.part = &part_for(peer, *made.of);
    topic_group& group = made.part->group(std::move(encoding));
    auto joined = std::make_unique<subscription>(peer, group, how, made.of->number);
    if (const auto added = peer.add(*joined); !added)
        return added;
    if (made.of->size == 0 && bridge_state_ == bridge_state::running)
        bridge_->subscribe(topic);
    made.part->add(*joined.release());
    made.of->counts.subscriptions.add(1);
    return {};
}

// Null if there are too many.
std::shared_ptr<topic> topics_core::find_or_make(std::string_view name) {
    if (const auto found = topics_.find(name); found != topics_.end())
        return found->second;
    if (topics_.size() >= options_.max_topics)
        return nullptr;
    const auto made = std::make_shared<topic>(*this, std::string{name}, counts_.of(name));
    topics_.emplace(made->name, made);
    return made;
}

topic_part& topics_core::part_for(session_impl& peer, topic& of) {
    shard_core& home = core_of(peer.shard());
    auto& shard = shards_[home.inbox().get()];
    if (!shard)
        shard = std::make_unique<topic_shard>(*this, home);
    if (topic_part* const there = of.find(*shard))
        return *there;
    of.parts.push_back(std::make_unique<topic_part>(of, *shard));
    return *of.parts.back();
}

bool topics_core::unsubscribe(session_impl& peer, std::string_view topic) {
    subscription* const found = find_subscription(peer, *this, topic);
    if (!found)
        return false;
    found->session_watcher::unlink();
    remove(*found);
    tell_left(*found);
    free(found);
    return true;
}

void topics_core::remove(subscription& leaving) noexcept {
    topic_part& part = leaving.group().part();
    topic& of = part.of();
    const std::lock_guard lock{mutex_};
    const std::lock_guard inner{of.mutex};
    part.remove(leaving);
    ++part.leaving; // until `free`, or `unsubscribe` has told
    of.counts.subscriptions.add(-1);
    if (of.size == 0 && bridge_state_ == bridge_state::running)
        log_exceptions([&] { bridge_->unsubscribe(of.name); });
}

void topics_core::leave(subscription& ended) noexcept {
    remove(ended);
    ended.group().part().at().leave(ended);
}

void topics_core::free(subscription* ended) noexcept {
    topic_part& part = ended->group().part();
    delete ended;
    {
        const std::lock_guard lock{part.of().mutex};
        --part.leaving;
    }
    prune(part);
}

void topics_core::prune(topic_part& part) noexcept {
    prune(part.of(), &part);
}

void topics_core::prune(topic& of, topic_part* part) noexcept {
    std::shared_ptr<topic> unused; // destroyed after its lock
    const std::lock_guard lock{mutex_};
    const std::lock_guard inner{of.mutex};
    if (part && part->is_unused())
        std::erase_if(of.parts, [part](const auto& each) { return each.get() == part; });
    if (!of.parts.empty())
        return;
    const auto found = topics_.find(of.name);
    if (found == topics_.end() || found->second.get() != &of)
        return;
    unused = std::move(found->second);
    topics_.erase(found);
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
    return bridged() ? bridge_->publish(topic, message) : errc::closed;
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

void topics_core::tell_lagged(session_impl& peer, const topic& of, std::uint64_t missed) {
    if (!options_.on_lagged)
        return;
    const std::string name = of.name; // the callback may unsubscribe
    options_.on_lagged(peer, name, missed);
}

} // namespace fairlead
