// How sessions join topics and leave them.

#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"
#include "topics/topics_core.hpp"

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

} // namespace fairlead
