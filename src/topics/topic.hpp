#pragma once

#include "runtime/posted_task.hpp"
#include "topics/subscription.hpp"
#include "topics/topic_counts.hpp"
#include "topics/topic_message.hpp"

#include "core/intrusive_list.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fairlead {

class mailbox;
class shard_core;
class topic;
class topic_part;
class topics_core;

/// The sessions of one shard, for all topics.
///
/// Thread safety: the thread of the shard; `inbox` and `waiting` from any.
class topic_shard final : private posted_task {
public:
    topic_shard(topics_core& core, shard_core& on);
    topic_shard(const topic_shard&) = delete;
    topic_shard& operator=(const topic_shard&) = delete;
    ~topic_shard() = default;

    shard_core& home() const noexcept { return home_; }
    mailbox& inbox() const noexcept { return *inbox_; }

    /// The number of published bytes that wait for this shard.
    std::atomic<std::size_t>& waiting() noexcept { return waiting_; }

    /// Takes a subscription whose session has ended. Reports the end and frees the subscription in a later turn.
    void leave(subscription& ended) noexcept;

private:
    void run() override;
    void drop() noexcept override;

    topics_core& core_;
    shard_core& home_;
    const std::shared_ptr<mailbox> inbox_;
    std::atomic<std::size_t> waiting_{0};
    intrusive_list<subscription> leaving_;
};

/// The subscribers of a part whose channels encode alike. If the encoding is empty, each encodes for itself.
class topic_group {
public:
    topic_group(topic_part& of, std::string encoding) noexcept : part_{of}, encoding_{std::move(encoding)} {}

    topic_part& part() const noexcept { return part_; }
    const std::string& encoding() const noexcept { return encoding_; }

    intrusive_list<subscription> members; // changed under the lock of the topic, by the thread of the shard

private:
    topic_part& part_;
    const std::string encoding_;
};

/// The subscribers of one topic on one shard, and the messages on their way to them.
///
///     idle ──publish: posted to the mailbox──▶ posted ──runs──▶ delivering ──nothing is left──▶ idle
///                                                               └─a turn is over─▶ queued on the shard, still delivering
///
/// Thread safety: the thread of the shard; members marked "the lock" are changed under the lock of the topic.
class topic_part final : private posted_task {
public:
    topic_part(topic& of, topic_shard& at) noexcept : topic_{of}, at_{at} {}
    topic_part(const topic_part&) = delete;
    topic_part& operator=(const topic_part&) = delete;
    ~topic_part();

    topic& of() const noexcept { return topic_; }
    topic_shard& at() const noexcept { return at_; }

    /// Finds the group, or makes it; under the lock. Errors: throws std::bad_alloc.
    topic_group& group(std::string encoding);

    void add(subscription& joined) noexcept;     ///< under the lock
    void remove(subscription& leaving) noexcept; ///< under the lock

    std::size_t size() const noexcept { return size_; }               ///< under the lock
    void names(std::vector<std::string>& to, std::size_t most) const; ///< adds names up to that many; under the lock

    // For `publish`, under the lock, in this order:
    bool has_room(std::size_t bytes) const noexcept;
    void reserve(); ///< posts the delivery if none is under way. Errors: throws std::bad_alloc
    void push(const topic_message::pointer& message) noexcept;

    /// Delivers the waiting messages for about a millisecond, the rest in a later turn. May delete this.
    void deliver() noexcept;

    /// Returns true if nothing refers to this any more; under the lock.
    bool is_unused() const noexcept;

    std::size_t leaving = 0; // subscriptions that `at` has taken

private:
    enum class state : std::uint8_t { idle, posted, delivering };

    /// The messages that one pass gives to all subscribers, and its position.
    struct slice {
        std::size_t first = 0, end = 0; // of `current_`; equal: no pass is under way
        std::size_t group = 0;
        subscription* next = nullptr; // of the group
        byte_buffer encoded = {};
        std::vector<std::uint32_t> ends = {}; // of the encoded messages; one that was refused takes no bytes
        std::size_t refused = 0;              // of the encoded messages
        std::array<std::uint64_t, 6> fates{}; // not counted yet
    };

    void run() override { deliver(); }
    void drop() noexcept override;
    bool begin_slice() noexcept;
    bool take_pending() noexcept;
    bool begin_group() noexcept;
    bool encode() noexcept;
    subscription* next_subscription() noexcept;
    void give(subscription& to) noexcept;
    void give_all(subscription& to, std::size_t from);
    bytes_view frames(std::size_t from, std::size_t end) const noexcept;
    void end_slice() noexcept;
    void count_fates() noexcept;
    void note(subscription::fate fate, std::uint64_t messages = 1) noexcept {
        slice_.fates[static_cast<std::size_t>(fate)] += messages;
    }

    topic& topic_;
    topic_shard& at_;

    // The lock
    std::vector<std::unique_ptr<topic_group>> groups_;
    std::size_t size_ = 0;
    std::vector<topic_message::pointer> pending_;
    state state_ = state::idle;

    // The messages that are delivered now
    std::vector<topic_message::pointer> current_;
    slice slice_;
};

/// One topic of a process.
///
/// Thread safety: `name` and `counts` from any thread; the rest under `mutex`, "the lock".
class topic {
public:
    topic(topics_core& of, std::string name, const topic_counts& counted)
        : core{of}, name{std::move(name)}, counts{counted} {}

    /// Returns the part of a shard; null if there is none.
    topic_part* find(const topic_shard& at) const noexcept;

    topics_core& core;
    const std::string name;
    const topic_counts& counts;

    std::mutex mutex;
    std::vector<std::unique_ptr<topic_part>> parts;
    std::size_t size = 0;     // subscriptions
    std::uint32_t number = 0; // of the last message
};

} // namespace fairlead
