#include "topics/topic.hpp"

#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"
#include "topics/topics_core.hpp"

#include <algorithm>

namespace fairlead {

// --- topic_shard

topic_shard::topic_shard(topics_core& core, shard_core& on) : core_{core}, home_{on}, inbox_{on.inbox()} {}

void topic_shard::leave(subscription& ended) noexcept {
    const bool first = leaving_.empty();
    leaving_.push_front(ended);
    if (first)
        home_.post(*this);
}

// Callbacks may end other sessions, which then leave in a turn of their own.
void topic_shard::run() {
    intrusive_list<subscription> ended; // in the order in which they ended
    while (subscription* const each = leaving_.front()) {
        each->list_hook<subscription>::unlink();
        ended.push_front(*each);
    }
    while (subscription* const each = ended.front()) {
        each->list_hook<subscription>::unlink();
        core_.tell_left(*each);
        core_.free(each);
    }
}

// With its last subscription, this may be deleted.
void topic_shard::drop() noexcept {
    topics_core& core = core_;
    intrusive_list<subscription> ended;
    ended.take(leaving_);
    while (subscription* const each = ended.front()) {
        each->list_hook<subscription>::unlink();
        core.free(each);
    }
}

// --- topic_part

topic_part::~topic_part() {
    for (const auto* each : {&pending_, &current_}) {
        for (const auto& message : *each) {
            if (message)
                at_.waiting() -= message->bytes().size() + topic_message::cost;
        }
    }
}

topic_group& topic_part::group(std::string encoding) {
    const auto found = std::ranges::find_if(groups_, [&](const auto& each) { return each->encoding() == encoding; });
    if (found != groups_.end())
        return **found;
    groups_.push_back(std::make_unique<topic_group>(*this, std::move(encoding)));
    return *groups_.back();
}

void topic_part::add(subscription& joined) noexcept {
    joined.group().members.push_front(joined);
    ++size_;
    ++topic_.size;
}

void topic_part::remove(subscription& leaving) noexcept {
    if (slice_.next == &leaving)
        slice_.next = leaving.group().members.after(leaving);
    leaving.list_hook<subscription>::unlink();
    --size_;
    --topic_.size;
}

void topic_part::names(std::vector<std::string>& to, std::size_t most) const {
    for (const auto& group : groups_) {
        const auto& members = group->members;
        for (const subscription* each = members.front(); each && to.size() < most; each = members.after(*each)) {
            if (!each->name().empty())
                to.emplace_back(each->name());
        }
    }
}

bool topic_part::has_room(std::size_t bytes) const noexcept {
    const std::size_t waiting = at_.waiting();
    return waiting == 0 || waiting + bytes + topic_message::cost <= topic_.core.options().max_waiting;
}

void topic_part::reserve() {
    if (pending_.size() == pending_.capacity())
        pending_.reserve(std::max<std::size_t>(16, 2 * pending_.capacity()));
    if (state_ == state::idle && at_.inbox().post([this] { deliver(); }))
        state_ = state::posted;
}

void topic_part::push(const topic_message::pointer& message) noexcept {
    pending_.push_back(message); // `reserve` has made room
    at_.waiting() += message->bytes().size() + topic_message::cost;
}

// A closed mailbox has dropped the delivery.
bool topic_part::is_unused() const noexcept {
    return size_ == 0 && leaving == 0 &&
           (state_ == state::idle || (state_ == state::posted && at_.inbox().is_closed()));
}

// --- topic

topic_part* topic::find(const topic_shard& at) const noexcept {
    const auto found = std::ranges::find_if(parts, [&at](const auto& each) { return &each->at() == &at; });
    return found == parts.end() ? nullptr : found->get();
}

} // namespace fairlead
