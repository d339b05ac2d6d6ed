#pragma once

#include "runtime/deadline.hpp"
#include <fairlead/error.hpp>
#include <fairlead/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// The activity of a session, as deadlines and reports distinguish it.
enum class session_phase : std::uint8_t {
    handling,  ///< its handler works
    receiving, ///< it waits for the peer's next bytes
    held_back, ///< it waits until the peer takes the bytes queued for it, and does not read
    flushing,  ///< it ends: the queued bytes are sent
    lingering, ///< it ends: it waits for the peer to end its side
};

/// Computes when a session is overdue, and the error then. It has time stamps and arithmetic, but no clock and no I/O.
class session_deadlines {
public:
    static constexpr ticks never = ticks::max();

    struct next {
        ticks due = never;
        error_code why;
    };

    session_deadlines(const limits& bounds, ticks now) noexcept : active_{now}, entered_{now}, bounds_{&bounds} {}

    /// Applies other limits from now on. Lifetime: `bounds` outlives this.
    void use(const limits& bounds) noexcept { bounds_ = &bounds; }

    session_phase phase() const noexcept { return phase_; }
    bool inside_message() const noexcept { return message_ != none; }

    /// The handler works on a whole message.
    void handles(ticks now) noexcept {
        enter(session_phase::handling, now);
        active_ = now;
        first_ = none;
        message_ = none;
    }

    /// The handler works on a part of a message. For the next part the peer has the whole `message_timeout`;
    /// with `min_rate` it has the time left of it, and the time that these bytes take at that rate.
    void handles_part(std::size_t bytes, bool last, ticks now) noexcept;

    /// The peer answers pings, so `ping_due` applies from now on.
    void use_pings() noexcept { ping_ = ping_state::ready; }

    /// Returns the time at which to ping the peer: after half of the idle timeout, once until the peer sends a byte.
    ticks ping_due() const noexcept {
        const bool idle = phase_ == session_phase::receiving && message_ == none && ping_ == ping_state::ready;
        return idle && bounds_->idle_timeout.count() != 0 ? due_after(active_, bounds_->idle_timeout / 2) : never;
    }
    void pinged() noexcept { ping_ = ping_state::sent; }

    /// The peer may leave out the first message.
    void expects_no_message() noexcept { first_ = none; }

    /// The session waits for bytes of the peer; `inside`: the peer has begun a message.
    void receives(ticks now, bool inside) noexcept {
        if (phase_ != session_phase::receiving)
            forgive(now - entered_, now);
        enter(session_phase::receiving, now);
        if (first_ == not_yet)
            first_ = now;
        if (!inside)
            message_ = none;
        else if (message_ == none)
            message_ = now;
    }

    /// The session does not read, because the peer does not take the bytes queued for it. The message of the
    /// peer is not timed meanwhile.
    void holds_back(ticks now) noexcept {
        if (phase_ == session_phase::receiving)
            message_ = none;
        else // a message in parts continues: only its waits for the peer count
            forgive(now - entered_, now);
        enter(session_phase::held_back, now);
        active_ = now;
    }

    /// Ends `holds_back`: the time of the handler begins anew.
    void goes_on_handling(ticks now) noexcept {
        forgive(now - entered_, now);
        enter(session_phase::handling, now);
        active_ = now;
    }

    /// The handler stops waiting for the peer without a message. When it waits again, the time limits of the
    /// peer continue where they stopped.
    void stops_waiting(ticks now) noexcept { enter(session_phase::handling, now); }

    /// While `excused`, other work runs beside the coroutine that receives, and the peer waits for its
    /// outcome: neither the idle timeout nor the handler timeout applies. Both begin anew when this ends.
    void excuse(bool excused, ticks now) noexcept {
        if (excused_ && !excused) {
            active_ = now;
            if (phase_ == session_phase::handling)
                entered_ = now;
        }
        excused_ = excused;
    }

    void flushes(ticks now) noexcept { enter(session_phase::flushing, now); }
    void lingers(ticks now) noexcept { enter(session_phase::lingering, now); }

    void received(ticks now) noexcept { ///< bytes from the peer
        active_ = now;
        if (ping_ == ping_state::sent)
            ping_ = ping_state::ready;
    }
    void wrote(ticks now) noexcept { active_ = now; } ///< bytes to the peer, all that were queued or some of them

    /// Bytes remain that the peer does not take now; `progress`: it has just taken others.
    void write_blocked(ticks now, bool progress) noexcept {
        if (write_ == none || progress)
            write_ = now;
    }
    void write_done() noexcept { write_ = none; }

    /// Returns the time for which the peer has taken none of the remaining bytes; 0 if none remain.
    ticks write_stalled(ticks now) const noexcept { return write_ == none ? ticks{0} : now - write_; }

    /// Returns the earliest deadline and its error.
    next first() const noexcept {
        next found;
        consider(found, write_, bounds_->write_timeout, errc::write_timeout);
        switch (phase_) {
        case session_phase::handling:
            if (!excused_)
                consider(found, entered_, bounds_->handler_timeout, errc::handler_timeout);
            break;
        case session_phase::receiving:
            consider(found, first_, bounds_->first_message_timeout, errc::first_message_timeout);
            if (message_ != none)
                consider(found, message_, bounds_->message_timeout, errc::message_timeout);
            else if (!excused_ && (first_ == none || bounds_->first_message_timeout.count() == 0))
                consider(found, active_, bounds_->idle_timeout, errc::idle_timeout);
            break;
        case session_phase::lingering: consider(found, entered_, bounds_->linger_timeout, errc::closed); break;
        case session_phase::held_back:
        case session_phase::flushing: break;
        }
        return found;
    }

    /// Returns the time of the next check. No deadline that begins from now on is over before it, so a new
    /// deadline needs no change in the wheel.
    ticks look_again(ticks now) const noexcept;

private:
    static constexpr ticks none = ticks::min();
    static constexpr ticks not_yet = ticks::min() + ticks{1};

    //  none ──use_pings()──▶ ready ◀──received()── sent
    //                          └──────pinged()──────▲
    enum class ping_state : std::uint8_t { none, ready, sent };

    void enter(session_phase phase, ticks now) noexcept {
        phase_ = phase;
        entered_ = now;
    }

    // The time in which the session does not wait for the peer does not count against the peer.
    void forgive(ticks spent, ticks now) noexcept {
        active_ = std::min(now, active_ + spent);
        for (ticks* const began : {&first_, &message_}) {
            if (*began > not_yet)
                *began += spent;
        }
    }

    static void consider(next& found, ticks since, limits::duration limit, errc why) noexcept {
        if (since <= not_yet || limit.count() == 0)
            return;
        const ticks due = due_after(since, limit);
        if (due < found.due)
            found = {due, why};
    }

    ticks active_;             // when a byte last moved, or the session began to wait for one
    ticks entered_;            // when the phase was entered
    ticks first_ = not_yet;    // when the wait for the first message began
    ticks message_ = none;     // when the message began that is not whole yet
    ticks write_ = none;       // when the peer last took bytes; none: no bytes wait for it
    std::uint64_t unpaid_ = 0; // bytes of parts that do not make a tick at `min_rate`, times the ticks of a second
    session_phase phase_ = session_phase::handling;
    ping_state ping_ = ping_state::none;
    bool excused_ = false;
    const limits* bounds_;
};

} // namespace fairlead
