#include "session/session_deadlines.hpp"

#include <algorithm>

namespace fairlead {

// At most all of `message_timeout` is left: a fast beginning does not pay for a stall.
void session_deadlines::handles_part(std::size_t bytes, bool last, ticks now) noexcept {
    if (phase_ != session_phase::receiving) // the bytes had arrived meanwhile
        forgive(now - entered_, now);
    const ticks began = message_;
    handles(now);
    if (last)
        return;
    message_ = now;
    if (bounds_->min_rate == 0 || began == none)
        return;
    constexpr std::uint64_t ticks_in_second = ticks::period::den;
    unpaid_ += bytes * ticks_in_second;
    const std::uint64_t earned = unpaid_ / bounds_->min_rate;
    unpaid_ %= bounds_->min_rate;
    if (earned < static_cast<std::uint64_t>((now - began).count()))
        message_ = began + ticks{static_cast<ticks::rep>(earned)};
}

ticks session_deadlines::look_again(ticks now) const noexcept {
    ticks soonest = never;
    for (const limits::duration each : {bounds_->first_message_timeout, bounds_->message_timeout, bounds_->idle_timeout,
                                        bounds_->write_timeout, bounds_->handler_timeout}) {
        if (each.count() > 0)
            soonest = std::min(soonest, due_after(now, each));
    }
    if (ping_ != ping_state::none && bounds_->idle_timeout.count() != 0)
        soonest = std::min({soonest, due_after(now, bounds_->idle_timeout / 2), ping_due()});
    // When the session waits for the peer again, the time since it stopped waiting does not count.
    const bool may_wait_again = phase_ == session_phase::handling || phase_ == session_phase::held_back;
    if (message_ != none && bounds_->message_timeout.count() != 0 && may_wait_again)
        soonest = std::min(soonest, due_after(message_ + (now - entered_), bounds_->message_timeout));
    return std::min(soonest, first().due);
}

} // namespace fairlead
