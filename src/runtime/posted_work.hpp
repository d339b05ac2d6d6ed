#pragma once

#include "runtime/posted_task.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>

namespace fairlead {

/// The tasks posted to a shard, and the count of the work that keeps the shard running.
///
/// The shard's own thread posts without a lock. `on_news` is called, with the lock held, for the first
/// post of another thread since the last `take`, so the shard cannot end before that call has returned.
///
/// Thread safety: `post_from_elsewhere`, `begin_work`, `end_work_elsewhere` and `change` from any
/// thread; the rest on the thread of the shard.
class posted_work {
public:
    void post(posted_task& task) noexcept { own_.push(task); }

    template <class OnNews>
    void post_from_elsewhere(posted_task& task, OnNews on_news) noexcept {
        const std::lock_guard lock{mutex_};
        others_.push(task);
        tell(on_news);
    }

    /// Returns true if there is nothing to run.
    bool empty() const noexcept { return own_.empty() && !news_.load(std::memory_order_acquire); }

    /// Moves all posted tasks to the end of `into`.
    void take(posted_queue& into) noexcept {
        if (news_.load(std::memory_order_acquire)) {
            const std::lock_guard lock{mutex_};
            news_.store(false, std::memory_order_relaxed);
            own_.take(others_);
        }
        into.take(own_);
    }

    void begin_work() noexcept { work_.fetch_add(1, std::memory_order_relaxed); }
    void end_work() noexcept { work_.fetch_sub(1, std::memory_order_acq_rel); }

    template <class OnNews>
    void end_work_elsewhere(OnNews on_news) noexcept {
        const std::lock_guard lock{mutex_};
        if (work_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            tell(on_news);
    }

    bool has_work() const noexcept { return work_.load(std::memory_order_acquire) != 0; }

    /// Makes a change and calls `on_news`, as a post does. Holds the lock meanwhile, so a shard
    /// that ends because of the change is not destroyed before this call has returned.
    template <class Change, class OnNews>
    void change(Change change, OnNews on_news) noexcept {
        const std::lock_guard lock{mutex_};
        change();
        tell(on_news);
    }

    /// Returns once no other thread is in the middle of a post.
    void await_posts() noexcept { const std::lock_guard lock{mutex_}; }

private:
    template <class OnNews>
    void tell(OnNews& on_news) noexcept {
        if (!news_.exchange(true, std::memory_order_acq_rel))
            on_news();
    }

    posted_queue own_;
    std::mutex mutex_;
    posted_queue others_;           // under the lock
    std::atomic<bool> news_{false}; // another thread has posted since `take`
    std::atomic<std::size_t> work_{0};
};

} // namespace fairlead
