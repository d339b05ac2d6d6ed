#include "log/log_exceptions.hpp"

#include "runtime/deadline.hpp"

#include <algorithm>

namespace fairlead {

void deadline_wheel::arm(deadline& who, ticks due) noexcept {
    who.unlink();
    who.due_ = std::max(due, now_ + ticks{1});
    slot(who.due_).push_front(who);
}

void deadline_wheel::advance(ticks now) {
    const ticks first = std::max(now_ + ticks{1}, now - ticks{slot_count - 1}); // after a whole round all were visited
    if (now <= now_)
        return;
    now_ = now;
    for (ticks each = first; each <= now; ++each) {
        intrusive_list<deadline> visited;
        visited.take(slot(each));
        while (deadline* const who = visited.front()) {
            who->unlink();
            if (who->due_ <= now)
                log_exceptions([&] { who->on_deadline(now); });
            else
                slot(who->due_).push_front(*who);
        }
    }
}

} // namespace fairlead
