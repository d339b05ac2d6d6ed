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

/// Work for a shard from any thread, in the order it was put in; unlike the shard's executor it may be used after the
/// shard is gone.
///
/// Thread safety: `post` from any thread.
class mailbox : public std::enable_shared_from_this<mailbox> {
public:
    explicit mailbox(const shard_executor& executor) noexcept : executor_{executor} {}

    /// Has the shard run `task`; false when the shard is gone.
    bool post(std::function<void()> task);

    /// True if this thread is in a turn of the shard, so that what was to be posted may be done at once.
    bool is_in_turn() const;

    /// True once the shard is gone, or is about to be: nothing that was posted runs any more. Thread safety: any thread.
    bool is_closed() const;

    /// Messages that handles have refused to take, for the statistics. Thread safety: any thread.
    void count_refusal() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

    /// Called by the shard before it goes; what is still in the box is dropped.
    void close() noexcept;

private:
    void drain();

    mutable std::mutex mutex_;
    std::optional<shard_executor> executor_; // none once closed
    std::vector<std::function<void()>> tasks_;
    std::atomic<std::uint64_t> refused_{0};
};

} // namespace fairlead
