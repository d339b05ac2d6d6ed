#include "nats/nats_requests.hpp"

#include "nats/nats_subject.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t batch = 64 << 10;

} // namespace

result<void> nats_requests::publish(std::string_view topic, bytes_view message) {
    const std::lock_guard lock{mutex_};
    if (call_ == call::stop)
        return make_error_code(errc::closed);
    if (topic.size() > max_topic_name) {
        counters_.refused.add();
        return make_error_code(errc::message_too_large);
    }
    nats_outgoing next{std::string{topic}, numbers_->next(topic), {}};
    const std::size_t size = topic.size() + message.size() + overhead;
    if (message.size() > max_message_ || size > max_bytes_ - bytes_) {
        counters_.refused.add();
        return make_error_code(message.size() > max_message_ ? errc::message_too_large : errc::refused_by_limit);
    }
    next.payload = to_string(message);
    messages_.push_back(std::move(next));
    bytes_ += size;
    if (messages_.size() == 1)
        news_.notify_one();
    return {};
}

void nats_requests::subscribe(std::string_view topic) {
    const std::lock_guard lock{mutex_};
    if (topics_.emplace(topic).second)
        change(topic);
}

void nats_requests::unsubscribe(std::string_view topic) {
    const std::lock_guard lock{mutex_};
    if (const auto found = topics_.find(topic); found != topics_.end()) {
        topics_.erase(found);
        change(topic);
    }
}

// The list is limited: without a connection, no thread takes the changes.
void nats_requests::change(std::string_view topic) {
    constexpr std::size_t most = 4'096;
    if (changed_.size() < most)
        changed_.emplace_back(topic);
    else
        all_changed_ = true;
    news_.notify_one();
}

void nats_requests::stop() noexcept {
    const std::lock_guard lock{mutex_};
    call_ = call::stop;
    news_.notify_one();
}

bool nats_requests::stopping() const {
    const std::lock_guard lock{mutex_};
    return call_ == call::stop;
}

void nats_requests::wake() noexcept {
    const std::lock_guard lock{mutex_};
    call_ = std::max(call_, call::wake);
    news_.notify_one();
}

void nats_requests::tell_room() noexcept {
    const std::lock_guard lock{mutex_};
    call_ = std::max(call_, call::room);
    if (waits_for_room_)
        news_.notify_one();
}

void nats_requests::set_max_message(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    max_message_ = bytes;
}

nats_requests::work nats_requests::take(wait_for event) {
    const bool for_room = event == wait_for::room;
    std::unique_lock lock{mutex_};
    waits_for_room_ = for_room;
    news_.wait(lock, [&] {
        return call_ >= call::wake || !changed_.empty() || (for_room ? call_ == call::room : !messages_.empty());
    });
    waits_for_room_ = false;
    if (call_ != call::stop)
        call_ = call::none;
    work found;
    if (!for_room)
        found.messages = take_locked(batch);
    found.changed = std::exchange(changed_, {});
    found.all_changed = std::exchange(all_changed_, false);
    return found;
}

std::deque<nats_outgoing> nats_requests::take_messages(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    return take_locked(bytes);
}

std::deque<nats_outgoing> nats_requests::take_locked(std::size_t bytes) {
    std::deque<nats_outgoing> taken;
    for (std::size_t sum = 0; !messages_.empty() && sum < bytes;) {
        const std::size_t each = cost(messages_.front());
        sum += each;
        bytes_ -= each;
        taken.push_back(std::move(messages_.front()));
        messages_.pop_front();
    }
    return taken;
}

void nats_requests::put_back(std::deque<nats_outgoing> messages) {
    const std::lock_guard lock{mutex_};
    for (auto each = messages.rbegin(); each != messages.rend(); ++each) {
        const std::size_t size = cost(*each);
        if (size > max_bytes_ - bytes_) { // newer messages have taken the room
            counters_.unsent.add(static_cast<std::uint64_t>(std::distance(each, messages.rend())));
            return;
        }
        bytes_ += size;
        messages_.push_front(std::move(*each));
    }
}

bool nats_requests::wants(const std::string& topic) const {
    const std::lock_guard lock{mutex_};
    return topics_.contains(topic);
}

std::vector<std::string> nats_requests::wanted() {
    const std::lock_guard lock{mutex_};
    changed_.clear();
    all_changed_ = false;
    return {topics_.begin(), topics_.end()};
}

bool nats_requests::pause(std::chrono::milliseconds duration) {
    std::unique_lock lock{mutex_};
    return !news_.wait_for(lock, duration, [this] { return call_ == call::stop; });
}

} // namespace fairlead
