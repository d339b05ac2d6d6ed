#pragma once

#include "topics/topic.hpp"
#include "topics/topic_bridge.hpp"
#include "topics/topic_counts.hpp"

#include <fairlead/topics.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead {

class session_impl;

/// The topics of a process and their subscribers.
///
///     topics ──▶ topic ──▶ part: one for each shard ──▶ group: one for each encoding ──▶ subscription ──▶ session
///
/// There are two locks, taken in this order: `mutex_` for the lists of topics and parts, then that of a topic.
/// No code of the program runs under either. The bridge is called for topics under the first, so that it gets
/// the changes in order.
///
/// Thread safety: as `topics`.
class topics_core final : private topic_bridge::receiver {
public:
    topics_core(std::shared_ptr<topic_bridge> bridge, topics_options options);
    ~topics_core() = default;

    const topics_options& options() const noexcept { return options_; }
    void count_in(metrics& in);

    void start(shard_core& home);
    void stop() noexcept;

    result<void> subscribe(session_impl& peer, std::string_view topic, const subscription_options& how);
    bool unsubscribe(session_impl& peer, std::string_view topic);
    result<void> publish(std::string_view topic, bytes_view message);
    result<void> publish_here(std::string_view topic, bytes_view message);
    std::size_t subscribers(std::string_view topic) const;
    std::vector<std::string> names(std::string_view topic, std::size_t most) const;

    // For subscriptions and parts, on the thread of their shard:
    /// Sets `missed` to 0 and calls `on_lagged`. Errors: throws std::bad_alloc, nothing is changed then;
    /// exceptions of `on_lagged`.
    void tell_lagged(session_impl& peer, const topic& of, std::uint32_t& missed);
    void tell_left(const subscription& ended) noexcept;
    void leave(subscription& ended) noexcept; ///< its session has ended
    void free(subscription* ended) noexcept;  ///< deletes one that has left

    /// Calls `change` under the lock of the topic. Then deletes the part, and the topic, if they are not used.
    template <class Change>
    void release(topic& of, topic_part* part, Change change) noexcept {
        std::shared_ptr<topic> unused; // destroyed after its lock
        const std::lock_guard lock{mutex_};
        const std::lock_guard inner{of.mutex};
        change();
        unused = take_unused(of, part);
    }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using topic_map = std::unordered_map<std::string, std::shared_ptr<topic>, text_hash, std::equal_to<>>;

    //  absent      ready ──start()──▶ running ──stop()──▶ stopped       absent: there is no bridge
    enum class bridge_state : std::uint8_t { absent, ready, running, stopped };

    class cleaning;

    void deliver(std::string_view topic, bytes_view message) override;
    void lost(std::string_view topic, std::uint64_t messages) override;

    std::shared_ptr<topic> find(std::string_view topic) const;
    result<void> join(session_impl& peer, std::string_view topic, const subscription_options& how);
    std::shared_ptr<topic> find_or_make(std::string_view name);
    topic_shard& shard_of(session_impl& peer);
    void forget_gone_shards();
    topic_part& part_for(topic_shard& at, topic& of);
    std::shared_ptr<topic> take_unused(topic& of, topic_part* part) noexcept;
    void remove(subscription& leaving) noexcept;
    bool bridged() const;
    void tell(std::string_view topic, std::string_view name, presence::kind change) noexcept;

    const topics_options options_;
    const std::shared_ptr<topic_bridge> bridge_;
    prefix_counts counts_;

    mutable std::mutex mutex_;
    bridge_state bridge_state_;
    std::map<mailbox*, std::unique_ptr<topic_shard>> shards_;
    topic_map topics_;
};

} // namespace fairlead
