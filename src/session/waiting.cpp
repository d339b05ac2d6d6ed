#include "log/log.hpp"
#include "session/describe.hpp"

#include <algorithm>

namespace fairlead {

namespace {

// What a session may read that holds nothing when nothing is left of the budget: enough for a small message, too little
// to matter.
constexpr std::size_t small_read = 1024;

// How long a session that may not read for want of memory waits before it asks again.
constexpr ticks memory_pause{4};

} // namespace

// As much as comes while there is enough of the budget left; a little, whatever others hold, for who holds nothing; and
// nothing for who holds more than is left.
std::size_t session::may_read() const noexcept {
    const std::size_t held = input_.capacity() + output_.capacity();
    if (held < shard_.blocks().left())
        return stream::plenty;
    return held == 0 ? small_read : 0;
}

void session::before_wait_until_sent() {
    input_.park();
    shard_.set_running(0);
    deadlines_.holds_back(shard_.now());
    shard_.counters().held_back.add();
}

void session::before_wait_for_memory() {
    before_wait_for_bytes();
    memory_awaited_ = true;
    shard_.arm(*this, std::min(shard_.now() + memory_pause, deadlines_.look_again(shard_.now())));
    shard_.counters().held_for_memory.add();
}

void session::before_wait_for_bytes() {
    input_.park();
    shard_.set_running(0);
    deadlines_.receives(shard_.now(), has_begun_message());
}

bool session::has_begun_message() {
    if (!input_.empty())
        return true;
    if (skipping_) {
        framing probe{framing_}; // asking what would be wrong with an end here may change it
        skipping_ = !probe.finish({}).has_value();
    }
    return skipping_;
}

bool session::is_reusable() {
    return !cause() && !closing_ && !stopping_ && !input_ended_ && !has_begun_message();
}

void session::on_deadline(ticks now) {
    if (std::exchange(memory_awaited_, false))
        wake();
    const auto overdue = deadlines_.first();
    if (overdue.due > now) {
        shard_.arm(*this, deadlines_.look_again(now));
        return;
    }
    switch (deadlines_.phase()) {
    case session_phase::lingering: return stream_->close();
    case session_phase::receiving:
        if (overdue.why == errc::write_timeout)
            return abort(overdue.why);
        end_receiving(overdue.why); // what is queued still goes out
        wake();
        deadlines_.handles(now);
        shard_.arm(*this, deadlines_.look_again(now));
        return;
    default:
        abort(overdue.why);
        if (overdue.why == errc::handler_timeout) {
            shard_.counters().handlers_overdue.add();
            log_warning(log_topic::handler_overdue, describe(*this) + ": its handler has not come back for " +
                                                        std::to_string(limits_->handler_timeout.count()) +
                                                        " ms; the connection is closed");
        }
        return;
    }
}

} // namespace fairlead
