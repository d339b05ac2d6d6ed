#include "runtime/sleep_queue.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"

namespace fairlead {

sleep_queue::sleep_queue(shard_core& shard) : shard_{shard} {
    timer_.emplace(shard, [this] {
        set_for_ = time_point::max();
        rung_ = true;
    });
}

void sleep_queue::add(sleeper& added) noexcept {
    sleepers_.insert(added);
    set_timer();
}

void sleep_queue::remove(sleeper& removed) noexcept {
    if (!removed.is_linked())
        return;
    sleepers_.erase(sleepers_.iterator_to(removed));
    set_timer();
}

void sleep_queue::wake_due() {
    const time_point now = shard_.steady_now();
    while (!sleepers_.empty() && sleepers_.begin()->due_ <= now) {
        sleeper& first = *sleepers_.begin();
        sleepers_.erase(sleepers_.begin());
        log_exceptions([&] { first.wake_up(); });
    }
    set_timer();
}

// If the earliest sleeper was removed, the timer keeps its time and rings once without effect. So a
// coroutine that waits with the same limit again and again makes no system calls.
void sleep_queue::set_timer() noexcept {
    if (!timer_ || shard_.clock_is_manual())
        return;
    if (!sleepers_.empty() && sleepers_.begin()->due_ < set_for_) {
        set_for_ = sleepers_.begin()->due_;
        timer_->set(set_for_ - std::chrono::steady_clock::now());
    }
    timer_->keep_running(!sleepers_.empty());
}

} // namespace fairlead
