#include "layers/place_queue.hpp"

#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fairlead {

bool place_queue::try_enter() noexcept {
    const std::lock_guard lock{mutex_};
    if (free_ == 0)
        return false;
    --free_;
    return true;
}

void place_queue::leave() noexcept {
    const std::lock_guard lock{mutex_};
    leave_locked();
}

void place_queue::leave_locked() noexcept {
    if (waiter* const next = first_)
        next->grant();
    else
        ++free_;
}

place_queue::waiter::waiter(place_queue& queue, session& of, sleep_queue::time_point until)
    : queue_{queue}, pause_{of, until}, executor_{core_of(of.shard()).executor()}, notice_{std::make_shared<notice>(
                                                                                       *this)} {
    const std::lock_guard lock{queue_.mutex_};
    if (queue_.free_ != 0) { // since the last look
        --queue_.free_;
        grant();
        return;
    }
    previous_ = queue_.last_;
    (previous_ ? previous_->next_ : queue_.first_) = this;
    queue_.last_ = this;
}

place_queue::waiter::~waiter() {
    notice_->to = nullptr;
    const std::lock_guard lock{queue_.mutex_};
    if (state_ == state::granted)
        queue_.leave_locked();
    else if (state_ == state::waiting)
        unlink();
}

bool place_queue::waiter::take() noexcept {
    const std::lock_guard lock{queue_.mutex_};
    if (state_ != state::granted)
        return false;
    state_ = state::taken;
    return true;
}

// Called under the lock. The waiter needs the lock to end, so its shard does not end meanwhile.
void place_queue::waiter::grant() noexcept {
    unlink();
    state_ = state::granted;
    boost::asio::post(executor_, notice_->memory.bind([told = notice_] {
        if (told->to)
            told->to->pause_.resume();
    }));
}

void place_queue::waiter::unlink() noexcept {
    if (previous_)
        previous_->next_ = next_;
    else if (queue_.first_ == this)
        queue_.first_ = next_;
    if (next_)
        next_->previous_ = previous_;
    else if (queue_.last_ == this)
        queue_.last_ = previous_;
    previous_ = next_ = nullptr;
}

} // namespace fairlead
