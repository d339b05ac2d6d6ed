// The delivery of messages from a part to its subscribers.

#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"
#include "topics/topic.hpp"
#include "topics/topics_core.hpp"

#include <chrono>
#include <mutex>
#include <utility>

namespace fairlead {

namespace {

using steady = std::chrono::steady_clock;

// `turn_time`: about how long the other sessions of the shard wait. `between_looks`: the number of subscribers
// between two reads of the clock.
constexpr auto turn_time = std::chrono::milliseconds{1};
constexpr std::size_t between_looks = 16;

// Messages are delivered together up to this many bytes, with one system call for each session.
constexpr std::size_t max_together = 64 * 1024;

// Frees the memory that a burst has taken.
template <class Items>
void keep_little(Items& empty) noexcept {
    constexpr std::size_t little = 256;
    if (empty.capacity() > little)
        Items{}.swap(empty);
}

} // namespace

void topic_part::deliver() noexcept {
    at_.home().loop().other_work();
    const auto end = steady::now() + turn_time;
    std::size_t given = 0;
    while (begin_slice()) {
        while (subscription* const next = next_subscription()) {
            give(*next);
            if (++given % between_looks == 0 && steady::now() >= end) {
                count_fates();
                at_.home().post(*this);
                return;
            }
        }
        end_slice();
    }
    topic_.core.release(topic_, this, [] {});
}

// Called when the shard ends. Drops all messages.
void topic_part::drop() noexcept {
    while (slice_.end < current_.size() || slice_.first != slice_.end) {
        slice_.end = current_.size();
        end_slice();
    }
    topic_.core.release(topic_, this, [this] { state_ = state::idle; });
}

// Returns true if a pass is under way, or begins.
bool topic_part::begin_slice() noexcept {
    if (slice_.first != slice_.end)
        return true;
    if (slice_.end == current_.size() && !take_pending())
        return false;
    std::size_t bytes = current_[slice_.end++]->bytes().size();
    while (slice_.end != current_.size() && (bytes += current_[slice_.end]->bytes().size()) <= max_together)
        ++slice_.end;
    slice_.group = 0;
    slice_.next = nullptr;
    while (slice_.group != groups_.size() && !begin_group())
        ++slice_.group;
    return true;
}

bool topic_part::take_pending() noexcept {
    current_.clear();
    slice_.first = slice_.end = 0;
    const std::lock_guard lock{topic_.mutex};
    current_.swap(pending_);
    state_ = current_.empty() ? state::idle : state::delivering;
    if (state_ == state::delivering)
        return true;
    keep_little(pending_);
    keep_little(current_);
    keep_little(slice_.ends);
    return false;
}

bool topic_part::begin_group() noexcept {
    const topic_group& group = *groups_[slice_.group];
    slice_.next = group.members.front();
    return slice_.next != nullptr && (group.encoding().empty() || encode());
}

// Encodes the messages of the pass for a group. Returns false if there is no memory for it.
bool topic_part::encode() noexcept try {
    session_impl& any = slice_.next->peer();
    slice_.encoded.truncate(0);
    slice_.ends.clear();
    slice_.refused = 0;
    for (std::size_t i = slice_.first; i != slice_.end; ++i) {
        const std::size_t before = slice_.encoded.size();
        static_cast<void>(any.encode(current_[i]->bytes(), slice_.encoded));
        slice_.refused += slice_.encoded.size() == before;
        slice_.ends.push_back(static_cast<std::uint32_t>(slice_.encoded.size()));
    }
    return true;
} catch (...) {
    const auto& members = groups_[slice_.group]->members;
    for (const subscription* each = members.front(); each; each = members.after(*each))
        note(subscription::fate::refused, slice_.end - slice_.first);
    slice_.next = nullptr;
    return false;
}

subscription* topic_part::next_subscription() noexcept {
    while (slice_.next == nullptr) {
        do {
            if (slice_.group == groups_.size() || ++slice_.group == groups_.size())
                return nullptr;
        } while (!begin_group());
    }
    subscription* const found = slice_.next;
    slice_.next = groups_[slice_.group]->members.after(*found);
    return found;
}

// Gives the messages of the pass to one subscription. If that ends meanwhile, it is freed in a later turn.
void topic_part::give(subscription& to) noexcept {
    std::size_t from = slice_.first;
    to.follow(current_[from]->number());
    while (from != slice_.end && !to.wants(current_[from]->number()))
        ++from;
    const bool encoded = !groups_[slice_.group]->encoding().empty();
    for (; from != slice_.end; ++from) {
        try {
            if (encoded && !to.peer().blocked())
                return give_all(to, from);
            const bytes_view frame = encoded ? frames(from, from + 1) : bytes_view{};
            if (encoded && frame.empty()) {
                note(subscription::fate::refused);
                continue;
            }
            const auto fate = to.give_one(*current_[from], encoded ? &frame : nullptr);
            note(fate);
            if (fate == subscription::fate::closed)
                return;
        } catch (...) {
            note(subscription::fate::refused);
        }
    }
}

void topic_part::give_all(subscription& to, std::size_t from) {
    std::size_t refused = 0;
    for (std::size_t i = from; i != slice_.end && slice_.refused != 0; ++i)
        refused += frames(i, i + 1).empty();
    const std::size_t messages = slice_.end - from - refused;
    note(subscription::fate::refused, refused);
    if (messages == 0)
        return;
    result<void> sent = errc::closed;
    log_exceptions([&] { sent = to.peer().send_encoded(frames(from, slice_.end), messages); });
    note(sent ? subscription::fate::queued : subscription::fate::refused, messages);
}

bytes_view topic_part::frames(std::size_t from, std::size_t end) const noexcept {
    const auto offset = [this](std::size_t i) -> std::size_t {
        return i == slice_.first ? 0 : slice_.ends[i - slice_.first - 1];
    };
    return slice_.encoded.data().from(offset(from)).first(offset(end) - offset(from));
}

void topic_part::end_slice() noexcept {
    count_fates();
    for (; slice_.first != slice_.end; ++slice_.first) {
        at_.waiting() -= current_[slice_.first]->bytes().size() + topic_message::cost;
        current_[slice_.first].reset();
    }
    slice_.encoded.release();
}

void topic_part::count_fates() noexcept {
    using enum subscription::fate;
    const topic_counts& counts = topic_.counts;
    const auto move = [this](subscription::fate fate, const counter_metric& to) {
        if (std::uint64_t& noted = slice_.fates[static_cast<std::size_t>(fate)]; noted != 0)
            to.add(std::exchange(noted, 0));
    };
    move(queued, counts.delivered);
    move(slow, counts.slow);
    move(replaced, counts.replaced);
    move(refused, counts.refused);
    move(closed, counts.closed);
}

} // namespace fairlead
