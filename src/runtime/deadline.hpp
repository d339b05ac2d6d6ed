#pragma once

#include "core/intrusive_list.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>

namespace fairlead {

/// The time of a shard. It is coarse, so that reading it costs no more than reading a number.
using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 20>>;

/// Returns the tick at which a limit that begins now has passed: never early, and less than two
/// ticks late. The limit is rounded up to a tick, and the present tick may be nearly over.
constexpr ticks due_after(ticks now, std::chrono::milliseconds limit) noexcept {
    return now + std::chrono::ceil<ticks>(limit) + ticks{1};
}

/// Base for objects that are notified when a time has come.
class deadline : public list_hook<deadline> {
protected:
    deadline() noexcept = default;
    ~deadline() = default;

private:
    friend class deadline_wheel;

    /// Called when the time has come. The deadline is no longer armed, and may be armed again.
    virtual void on_deadline(ticks now) = 0;

    ticks due_{};
};

/// Any number of deadlines at constant cost each: a hashed wheel, after Varghese and Lauck, "Hashed and Hierarchical
/// Timing Wheels" (1987).
///
///     slot:  0   1   2  …  now  now+1  …  511         a deadline lies in slot `due` mod 512;
///                               └─ due next           one that is further away stays for another round
///
/// Thread safety: one thread at a time. Lifetime: outlives the deadlines that are armed in it.
class deadline_wheel {
public:
    explicit deadline_wheel(ticks now = {}) noexcept : now_{now} {}

    ticks now() const noexcept { return now_; }

    /// Notifies `waiter` once `due` has come, or at the next tick if `due` has passed already.
    /// Replaces the previous time of `waiter`.
    void arm(deadline& waiter, ticks due) noexcept;

    /// Notifies all deadlines that are due by `now`. Logs the exceptions that they throw.
    void advance(ticks now);

private:
    static constexpr std::int64_t slot_count = 512;

    intrusive_list<deadline>& slot(ticks due) noexcept {
        return slots_[static_cast<std::size_t>(due.count() % slot_count)];
    }

    ticks now_;
    intrusive_list<deadline> slots_[slot_count];
};

} // namespace fairlead
