// The functions by which sessions join topics and leave them.

#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"
#include "topics/topics_core.hpp"

#include <iterator>
#include <set>
#include <utility>

namespace fairlead {

namespace {

/// Visits the subscriptions of a session to these topics.
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

/// Deletes a topic and a part that were made for a subscriber, if they have none at the end.
class topics_core::cleaning {
public:
    cleaning() noexcept = default;
    cleaning(const cleaning&) = delete;
    cleaning& operator=(const cleaning&) = delete;
    ~cleaning() {
        if (of)
            of->core.release(*of, part, [] {});
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
    topic_shard& at = shard_of(peer);
    made.of = find_or_make(topic);
    if (!made.of)
        return errc::refused_by_limit;
    const std::lock_guard inner{made.of->mutex};
    made.part = &part_for(at, *made.of);
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

// Returns null if there are too many topics.
std::shared_ptr<topic> topics_core::find_or_make(std::string_view name) {
    if (const auto found = topics_.find(name); found != topics_.end())
        return found->second;
    if (topics_.size() >= options_.max_topics)
        return nullptr;
    const auto made = std::make_shared<topic>(*this, std::string{name}, counts_.of(name));
    topics_.emplace(made->name, made);
    return made;
}

topic_shard& topics_core::shard_of(session_impl& peer) {
    shard_core& home = core_of(peer.shard());
    if (const auto found = shards_.find(home.inbox().get()); found != shards_.end())
        return *found->second;
    forget_gone_shards();
    return *shards_.emplace(home.inbox().get(), std::make_unique<topic_shard>(*this, home)).first->second;
}

// Also removes their parts, whose messages are not delivered any more.
void topics_core::forget_gone_shards() {
    std::set<const topic_shard*> gone, used;
    for (const auto& [box, each] : shards_) {
        if (box->is_closed())
            gone.insert(each.get());
    }
    if (gone.empty())
        return;
    for (auto next = topics_.begin(); next != topics_.end();) {
        const auto of = next->second; // destroyed after its lock
        const std::lock_guard lock{of->mutex};
        std::erase_if(of->parts, [&](const auto& each) { return gone.contains(&each->at()) && each->is_unused(); });
        for (const auto& each : of->parts)
            used.insert(&each->at());
        next = of->parts.empty() ? topics_.erase(next) : std::next(next);
    }
    std::erase_if(shards_, [&](const auto& each) {
        return gone.contains(each.second.get()) && !used.contains(each.second.get());
    });
}

topic_part& topics_core::part_for(topic_shard& at, topic& of) {
    if (topic_part* const there = of.find(at))
        return *there;
    of.parts.push_back(std::make_unique<topic_part>(of, at));
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
    ++part.leaving; // until `free`, after its end is reported
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
    release(part.of(), &part, [&part] { --part.leaving; });
}

// Returns the topic if nothing uses it any more, so that it is destroyed outside of the locks.
std::shared_ptr<topic> topics_core::take_unused(topic& of, topic_part* part) noexcept {
    if (part && part->is_unused())
        std::erase_if(of.parts, [part](const auto& each) { return each.get() == part; });
    const auto found = topics_.find(of.name);
    if (!of.parts.empty() || found == topics_.end() || found->second.get() != &of)
        return nullptr;
    auto unused = std::move(found->second);
    topics_.erase(found);
    return unused;
}

} // namespace fairlead
