#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace fairlead {

/// Threads for what would hold up a shard; they are begun when there is work for them.
///
/// Thread safety: any thread, but `stop` from one. Lifetime: of a job until it has run or the pool has been stopped.
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

    /// First come, first served. Errors: throws std::system_error when there is no thread and none can be made.
    void submit(job& work);

    /// Waits for the jobs that run; those that have not begun never will.
    void stop() noexcept;

private:
    void serve();

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job*> waiting_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

} // namespace fairlead
