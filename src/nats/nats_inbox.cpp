#include "nats/nats_inbox.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead {

namespace {

constexpr const char* origin_header = "Fairlead-Origin";
constexpr int events_at_once = 256;

bytes_view payload_of(natsMsg* message) noexcept {
    return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

std::size_t cost(natsMsg* message) noexcept {
    constexpr std::size_t overhead = 256;
    return payload_of(message).size() + overhead;
}

std::optional<message_origin> origin_of(natsMsg* message) {
    const char* text = nullptr;
    if (natsMsgHeader_Get(message, origin_header, &text) != NATS_OK || !text)
        return {};
    return parse_message_origin(text);
}

} // namespace

void nats_inbox::open(const std::string& topic) {
    const std::lock_guard lock{mutex_};
    if (topic_pointer& place = topics_[topic]; !place)
        place = std::make_shared<open_topic>(topic);
}

void nats_inbox::close(const std::string& topic) {
    const std::lock_guard lock{mutex_};
    const auto found = topics_.find(topic);
    if (found == topics_.end())
        return;
    found->second->closed = true;
    std::erase(dropped_, found->second);
    topics_.erase(found);
}

void nats_inbox::was_away() {
    push({.kind = event_kind::away});
}

// After a dropped message, all messages are dropped until the shard has handled the event about it, so that
// there is one gap.
void nats_inbox::arrived(const std::string& topic, nats_message message) noexcept {
    log_exceptions([&] {
        const std::size_t size = cost(message.get());
        event next{.kind = event_kind::message, .origin = origin_of(message.get())};
        if (next.origin && own_->gave(*next.origin))
            return counters_.returned.add();
        {
            const std::lock_guard lock{mutex_};
            const auto to = topics_.find(topic);
            if (to == topics_.end())
                return;
            if (!dropping_ && size <= max_bytes_ - bytes_) {
                bytes_ += size;
                next.topic = to->second;
                next.message = std::move(message);
            } else {
                drop(to->second);
                next.kind = event_kind::dropped;
                if (std::exchange(dropping_, true))
                    return;
            }
        }
        push(std::move(next));
    });
}

void nats_inbox::drop(const topic_pointer& topic) {
    if (topic->dropped++ == 0)
        dropped_.push_back(topic);
}

// A second `away` event adds nothing, unless the other one is in front: the shard may be handling that one.
void nats_inbox::push(event next) {
    const auto is_away = [](const event& each) { return each.kind == event_kind::away; };
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ ||
            (is_away(next) && !events_.empty() && std::any_of(std::next(events_.begin()), events_.end(), is_away)))
            return;
        events_.push_back(std::move(next));
        if (events_.size() > 1)
            return;
    }
    home_->post([self = shared_from_this()] { self->run(); });
}

bool nats_inbox::is_stopped() {
    const std::lock_guard lock{mutex_};
    return stopped_;
}

bool nats_inbox::is_closed(const open_topic& topic) {
    const std::lock_guard lock{mutex_};
    return topic.closed;
}

// Takes one event at a time, so that the receiver may stop this from its call.
void nats_inbox::run() {
    for (int count = 0;; ++count) {
        event next{.kind = event_kind::away};
        {
            const std::lock_guard lock{mutex_};
            if (stopped_ || events_.empty())
                return;
            if (count == events_at_once)
                break;
            next = std::move(events_.front());
            if (next.message)
                bytes_ -= cost(next.message.get());
        }
        {
            const std::lock_guard calling{calling_};
            if (is_stopped())
                return;
            log_exceptions([&] { handle(next); });
        }
        const std::lock_guard lock{mutex_};
        if (stopped_)
            return;
        events_.pop_front(); // only now, so that `push` posts no second run
    }
    home_->post([self = shared_from_this()] { self->run(); });
}

void nats_inbox::handle(event& next) {
    switch (next.kind) {
    case event_kind::message: return deliver(next);
    case event_kind::dropped: return tell_dropped();
    case event_kind::away: return tell_away();
    }
}

void nats_inbox::deliver(event& next) {
    if (is_closed(*next.topic))
        return;
    if (next.origin) {
        if (const std::uint64_t missing = next.topic->gaps->missing_before(*next.origin))
            tell_lost(*next.topic, missing);
    }
    counters_.received.add();
    to_.deliver(next.topic->name, payload_of(next.message.get()));
}

void nats_inbox::tell_away() {
    std::vector<topic_pointer> all;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [name, topic] : topics_)
            all.push_back(topic);
    }
    for (const topic_pointer& each : all)
        tell_lost(*each, 0);
}

// Resets the gap counter: the numbers would report the same messages as missing again.
void nats_inbox::tell_dropped() {
    std::vector<std::pair<topic_pointer, std::uint64_t>> dropped;
    {
        const std::lock_guard lock{mutex_};
        for (const topic_pointer& each : std::exchange(dropped_, {}))
            dropped.emplace_back(each, std::exchange(each->dropped, 0));
        dropping_ = false;
    }
    for (const auto& [topic, messages] : dropped) {
        topic->gaps.emplace();
        tell_lost(*topic, messages);
    }
}

void nats_inbox::tell_lost(const open_topic& topic, std::uint64_t messages) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ || topic.closed)
            return;
    }
    counters_.gaps.add();
    counters_.missed.add(messages);
    to_.lost(topic.name, messages);
}

void nats_inbox::stop() noexcept {
    const bool inside = home_->is_in_turn();
    std::deque<event> rest;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        if (!inside)
            rest.swap(events_);
    }
    if (!inside) {
        calling_.lock(); // until the call that runs has returned
        calling_.unlock();
    }
}

} // namespace fairlead
