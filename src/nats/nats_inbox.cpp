#include "nats/nats_inbox.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"

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
    push({event_kind::open, topic});
}

void nats_inbox::close(const std::string& topic) {
    push({event_kind::close, topic});
}

void nats_inbox::was_away() {
    push({event_kind::away, {}});
}

// Once one was dropped, so are all that follow until the shard has come that far: what is missing is in one place.
void nats_inbox::arrived(const std::string& topic, nats_message message) noexcept {
    log_exceptions([&] {
        bool first_dropped = false;
        {
            const std::lock_guard lock{mutex_};
            const std::size_t size = cost(message.get());
            if (dropped_.empty() && size <= max_bytes_ - bytes_) {
                bytes_ += size;
            } else {
                message.reset();
                first_dropped = dropped_.empty();
                ++dropped_[topic];
            }
        }
        if (message)
            push({event_kind::message, topic, std::move(message)});
        else if (first_dropped)
            push({event_kind::dropped, {}});
    });
}

void nats_inbox::push(event next) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_)
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

// One event at a time, so that the receiver may stop this in the middle.
void nats_inbox::run() {
    for (int count = 0;; ++count) {
        event next{event_kind::away, {}};
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
    case event_kind::open: topics_.try_emplace(next.topic); return;
    case event_kind::close: topics_.erase(next.topic); return;
    case event_kind::dropped: tell_dropped(); return;
    case event_kind::away:
        for (const auto& [name, state] : topics_)
            tell_lost(name, 0);
        return;
    case event_kind::message:
        if (const auto found = topics_.find(next.topic); found != topics_.end())
            deliver(found->second, next);
    }
}

void nats_inbox::deliver(topic_state& topic, event& next) {
    if (const auto origin = origin_of(next.message.get())) {
        if (const std::uint64_t missing = topic.gaps->missing_before(*origin))
            tell_lost(next.topic, missing);
    }
    ++counters_.delivered;
    to_.deliver(next.topic, payload_of(next.message.get()));
}

// The numbers would show the same messages as missing, so counting begins anew.
void nats_inbox::tell_dropped() {
    std::map<std::string, std::uint64_t> dropped;
    {
        const std::lock_guard lock{mutex_};
        dropped.swap(dropped_);
    }
    for (const auto& [name, messages] : dropped) {
        if (const auto found = topics_.find(name); found != topics_.end()) {
            found->second.gaps.emplace();
            tell_lost(name, messages);
        }
    }
}

void nats_inbox::tell_lost(const std::string& topic, std::uint64_t messages) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_)
            return;
    }
    counters_.lost += messages;
    to_.lost(topic, messages);
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
