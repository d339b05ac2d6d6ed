#include "runtime/mailbox.hpp"

#include "log/log_exceptions.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fairlead {

bool mailbox::post(std::function<void()> task) {
    const std::lock_guard lock{mutex_};
    if (!executor_)
        return false;
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) // one wake-up for all that comes until the shard looks
        return true;
    try {
        boost::asio::post(*executor_, [self = shared_from_this()] { self->drain(); });
    } catch (...) {
        tasks_.pop_back();
        throw;
    }
    return true;
}

bool mailbox::is_in_turn() const {
    const std::lock_guard lock{mutex_};
    return executor_ && executor_->running_in_this_thread();
}

bool mailbox::is_closed() const {
    const std::lock_guard lock{mutex_};
    return !executor_;
}

void mailbox::close() noexcept {
    std::vector<std::function<void()>> dropped;
    const std::lock_guard lock{mutex_};
    executor_.reset();
    dropped.swap(tasks_);
}

void mailbox::drain() {
    std::vector<std::function<void()>> tasks;
    {
        const std::lock_guard lock{mutex_};
        tasks.swap(tasks_);
    }
    for (auto& task : tasks)
        log_exceptions(task);
}

} // namespace fairlead
