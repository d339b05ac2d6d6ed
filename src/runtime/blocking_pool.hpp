#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace fairlead {

/// Threads for work that would block a shard. They are started when there is work for them.
///
///     jobs ──────▶ all threads
///     long jobs ─▶ half of the threads at most, and one at least: the others stay free for jobs
///
/// Thread safety: any thread. Lifetime: a job exists until it has run or the pool has been stopped.
class blocking_pool {
public:
    class job {
    public:
        virtual void run() noexcept = 0;

    protected:
        ~job() = default;
    };

    explicit blocking_pool(std::size_t most_threads) noexcept : most_{most_threads} {}
    ~blocking_pool() { stop(); }

    /// The expected duration of a job. A lengthy job is, for example, one that waits for another program.
    enum class kind : unsigned char { brief, lengthy };

    /// Queues a job. The jobs of a kind begin in the order of their submission. No effect after
    /// `stop`. Errors: throws std::system_error if the pool has no thread and cannot start one.
    void submit(job& work, kind how_long = kind::brief);

    /// Waits for the jobs that run, and drops those that have not begun. Only the first call waits.
    void stop() noexcept;

private:
    void serve();
    bool may_take_lengthy() const noexcept;
    bool may_take_any() const noexcept { return !waiting_.empty() || may_take_lengthy(); }
    std::deque<job*>& next_queue() noexcept;

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job*> waiting_;
    std::deque<job*> lengthy_waiting_;
    std::size_t lengthy_running_ = 0;
    std::size_t idle_ = 0;
    kind last_taken_ = kind::brief;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

} // namespace fairlead
