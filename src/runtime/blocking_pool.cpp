#include "runtime/blocking_pool.hpp"

#include "core/start_thread.hpp"

#include <algorithm>
#include <utility>

namespace fairlead {

void blocking_pool::submit(job& work, kind how_long) {
    const std::lock_guard lock{mutex_};
    if (stopping_)
        return;
    auto& queue = how_long == kind::brief ? waiting_ : lengthy_waiting_;
    queue.push_back(&work);
    if (waiting_.size() + lengthy_waiting_.size() > idle_ && threads_.size() < most_) {
        try {
            // Reserve first: if `push_back` threw, it would join the new thread, which would wait for this mutex.
            threads_.reserve(threads_.size() + 1);
            threads_.push_back(start_thread("for blocking work", [this] { serve(); }));
        } catch (...) {
            if (threads_.empty()) {
                queue.pop_back();
                throw;
            }
        }
    }
    changed_.notify_one();
}

void blocking_pool::stop() noexcept {
    std::vector<std::jthread> ending;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        waiting_.clear();
        lengthy_waiting_.clear();
        ending = std::exchange(threads_, {});
    }
    changed_.notify_all();
}

bool blocking_pool::may_take_lengthy() const noexcept {
    return !lengthy_waiting_.empty() && lengthy_running_ < std::max<std::size_t>(most_ / 2, 1);
}

// Alternates between the queues, so that a pool of one thread serves both.
std::deque<blocking_pool::job*>& blocking_pool::next_queue() noexcept {
    const bool lengthy = may_take_lengthy() && (waiting_.empty() || last_taken_ == kind::brief);
    last_taken_ = lengthy ? kind::lengthy : kind::brief;
    return lengthy ? lengthy_waiting_ : waiting_;
}

void blocking_pool::serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
        ++idle_;
        changed_.wait(lock, [this] { return stopping_ || may_take_any(); });
        --idle_;
        if (stopping_)
            return;
        auto& queue = next_queue();
        const bool lengthy = &queue == &lengthy_waiting_;
        job& next = *queue.front();
        queue.pop_front();
        lengthy_running_ += lengthy ? 1 : 0;
        lock.unlock();
        next.run();
        lock.lock();
        lengthy_running_ -= lengthy ? 1 : 0;
    }
}

} // namespace fairlead
