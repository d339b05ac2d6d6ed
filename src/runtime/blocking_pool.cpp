#include "runtime/blocking_pool.hpp"

#include "core/start_thread.hpp"

#include <utility>

namespace fairlead {

void blocking_pool::submit(job& work) {
    const std::lock_guard lock{mutex_};
    if (stopping_)
        return;
    waiting_.push_back(&work);
    if (waiting_.size() > idle_ && threads_.size() < most_) {
        try {
            // A thread without a place here would be joined at once, and would wait for this mutex.
            threads_.reserve(threads_.size() + 1);
            threads_.push_back(start_thread("for blocking work", [this] { serve(); }));
        } catch (...) {
            if (threads_.empty()) {
                waiting_.pop_back();
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
        ending = std::exchange(threads_, {});
    }
    changed_.notify_all();
}

void blocking_pool::serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
        ++idle_;
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        --idle_;
        if (stopping_)
            return;
        job& next = *waiting_.front();
        waiting_.pop_front();
        lock.unlock();
        next.run();
        lock.lock();
    }
}

} // namespace fairlead
