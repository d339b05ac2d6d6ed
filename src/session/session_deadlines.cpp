#include <fairlead/session_deadlines.hpp>

#include <algorithm>

namespace fairlead {

ticks session_deadlines::look_again(ticks now) const noexcept {
    ticks soonest = never;
    for (const limits::duration each :
         {bounds_->first_message, bounds_->message, bounds_->idle, bounds_->write_stall, bounds_->handler}) {
        if (each.count() > 0)
            soonest = std::min(soonest, due_after(now, each));
    }
    return std::min(soonest, first().due);
}

} // namespace fairlead
