#include "log/log_exceptions.hpp"

#include "runtime/deadline.hpp"

#include <algorithm>

namespace fairlead {

void deadline_wheel::arm(deadline& waiter, ticks due) noexcept {
    waiter.unlink();
    waiter.due_ = std::max(due, now_ + ticks{1});
    slot(waiter.due_).push_front(waiter);
}

void deadline_wheel::advance(ticks now) {
    const ticks first = std::max(now_ + ticks{1}, now - ticks{slot_count - 1}); // after a whole round all were visited
    if (now <= now_)
        return;
    now_ = now;
    for (ticks each = first; each <= now; ++each) {
        intrusive_list<deadline> visited;
        visited.take(slot(each));
        while (deadline* const waiter = visited.front()) {
            waiter->unlink();
            if (waiter->due_ <= now)
                log_exceptions([&] { waiter->on_deadline(now); });
            else
                slot(waiter->due_).push_front(*waiter);
        }
    }
}

} // namespace fairlead
