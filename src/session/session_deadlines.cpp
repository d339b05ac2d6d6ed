#include "session/session_deadlines.hpp"

#include <algorithm>

namespace fairlead {

ticks session_deadlines::look_again(ticks now) const noexcept {
    ticks soonest = never;
    for (const limits::duration each : {bounds_->first_message_timeout, bounds_->message_timeout, bounds_->idle_timeout,
                                        bounds_->write_timeout, bounds_->handler_timeout}) {
        if (each.count() > 0)
            soonest = std::min(soonest, due_after(now, each));
    }
    if (ping_ != ping_state::none && bounds_->idle_timeout.count() != 0)
        soonest = std::min({soonest, due_after(now, bounds_->idle_timeout / 2), ping_due()});
    return std::min(soonest, first().due);
}

} // namespace fairlead
