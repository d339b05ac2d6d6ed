#pragma once

#include "runtime/shard_executor.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace fairlead {

/// A queue of work for a shard, from any thread, in order. Unlike the executor of the shard, it may
/// be used after the shard is gone.
///
/// Thread safety: `post` from any thread.
class mailbox : public std::enable_shared_from_this<mailbox> {
public:
    explicit mailbox(const shard_executor& executor) noexcept : executor_{executor} {}

    /// Queues `task` for the shard. Returns false if the shard is gone.
    bool post(std::function<void()> task);

    /// Returns true if this thread is in a turn of the shard, so that a task can run at once
    /// instead of being posted.
    bool is_in_turn() const;

    /// Returns true once the shard is gone, or is about to be: posted tasks do not run any more.
    /// Thread safety: any thread.
    bool is_closed() const;

    /// Counts messages that handles have refused, for the statistics. Thread safety: any thread.
    void count_refusal() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

    /// Called by the shard before it is destroyed. Drops the tasks that are still queued.
    void close() noexcept;

private:
    void drain();

    mutable std::mutex mutex_;
    std::optional<shard_executor> executor_; // none once closed
    std::vector<std::function<void()>> tasks_;
    std::atomic<std::uint64_t> refused_{0};
};

} // namespace fairlead
