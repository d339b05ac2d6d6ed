#pragma once

#include "core/histogram.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace fairlead {

/// Measures how long a shard works between two waits, and how long sessions keep it meanwhile.
///
///     clock:       ▼                   ▼                 ▼                  ▼
///     turn:   wait │ session │ session │ accepting …     │ session │ …      │ wait
///                  └─ handler ┴ handler ┘                └ handler ┘
///                  └──────────────────────── loop ──────────────────────────┘
///
///     nobody ──session_begins──▶ session ──session_waits──▶ nobody        any ──other_work──▶ other
///
/// A read of the clock costs as much as a fifth of a message. So the clock is read twice for each turn,
/// and once for each session that is resumed, however many messages the session handles. While sessions
/// take less than `fast` each, it is read once for `group` sessions, and each of them counts with the
/// same time. If the group takes longer, one of them counts with all the time above `fast` for each
/// of the others. So no long time is missed, and each time is exact to `group - 1` times `fast`.
///
/// Time after `other_work` belongs to no session. `Clock` has `time_point now()`.
///
/// Thread safety: that of its histograms.
template <class Clock>
class basic_turn_times {
public:
    static constexpr unsigned group = 4;
    static constexpr std::chrono::nanoseconds fast = time_histogram::limit(0);

    void turn_begins() noexcept {
        began_ = mark_ = Clock::now();
        has_ = user::nobody;
    }

    void turn_ends() noexcept {
        if (has_ == user::session)
            ++sessions_;
        take_mark();
        loop_.add(mark_ - began_);
    }

    /// Notes that a session is resumed. A session that had the thread and did not wait for its peer
    /// waits for something else.
    void session_begins() noexcept {
        if (has_ == user::session)
            session_waits();
        else if (has_ == user::other)
            take_mark();
        has_ = user::session;
    }

    /// Notes that a session waits for its peer. It may have been resumed by something that is not
    /// noted here, such as a timer.
    void session_waits() noexcept {
        has_ = user::nobody;
        if (++sessions_ >= together_)
            take_mark();
    }

    /// Ends the time of the session that has the thread, if there is one.
    void session_leaves() noexcept {
        if (has_ == user::session)
            session_waits();
    }

    void other_work() noexcept {
        session_leaves();
        if (sessions_ != 0)
            take_mark();
        has_ = user::other;
    }

    const time_histogram& handler() const noexcept { return handler_; }
    const time_histogram& loop() const noexcept { return loop_; }

private:
    enum class user : std::uint8_t { nobody, session, other };

    void take_mark() noexcept {
        const auto now = Clock::now();
        if (sessions_ != 0)
            count(now - mark_);
        mark_ = now;
        sessions_ = 0;
        has_ = user::nobody;
    }

    void count(std::chrono::nanoseconds passed) noexcept {
        const auto each = std::min(passed / sessions_, fast);
        if (sessions_ > 1)
            handler_.add(each, sessions_ - 1);
        handler_.add(passed - each * (sessions_ - 1));
        together_ = each < fast ? group : 1;
    }

    typename Clock::time_point began_{};
    typename Clock::time_point mark_{};
    unsigned sessions_ = 0; // since the mark
    unsigned together_ = 1; // sessions that are timed together
    user has_ = user::nobody;
    time_histogram handler_;
    time_histogram loop_;
};

using turn_times = basic_turn_times<std::chrono::steady_clock>;

} // namespace fairlead
