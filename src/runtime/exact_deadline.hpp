#pragma once

#include "core/time_after.hpp"
#include "runtime/deadline.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/sleep_queue.hpp"

#include <fairlead/time_limit.hpp>

#include <chrono>

namespace fairlead {

/// Base for objects that are notified when a time limit has passed: never early, and precise to a millisecond.
///
///     begins ──▶ in the wheel ──the last ticks──▶ in the sleep queue ──▶ told    a short one begins in the sleep queue
///
/// A long limit that ends early, as most do, stays in the wheel until then and costs no system call.
///
/// Thread safety: the thread of its shard. Lifetime: a `shutdown_hook` lives on the shard as long,
/// which keeps its clock running.
class exact_deadline : private deadline, private sleep_queue::sleeper {
public:
    exact_deadline(const exact_deadline&) = delete;
    exact_deadline& operator=(const exact_deadline&) = delete;

protected:
    /// With `no_limit`, or a limit of 0 or less, `on_time` is never called.
    exact_deadline(shard_core& shard, std::chrono::milliseconds limit) noexcept
        : sleeper{is_told(limit) ? time_after(shard.steady_now(), limit)
                                 : std::chrono::steady_clock::time_point::max()},
          shard_{shard} {
        if (!is_told(limit))
            return;
        if (const auto whole = std::chrono::floor<ticks>(limit); whole > 2 * last_ticks)
            shard_.arm(*this, shard_.now() + whole - last_ticks);
        else
            shard_.sleepers().add(*this);
    }
    ~exact_deadline() { disarm(); }

    void disarm() noexcept {
        deadline::unlink();
        shard_.sleepers().remove(*this);
    }

    shard_core& shard() const noexcept { return shard_; }

private:
    // The present tick may be nearly over, and the next one a little late.
    static constexpr ticks last_ticks{2};

    static bool is_told(std::chrono::milliseconds limit) noexcept { return limit.count() > 0 && limit != no_limit; }

    virtual void on_time() = 0;

    void on_deadline(ticks) override { shard_.sleepers().add(*this); }
    void wake_up() override { on_time(); }

    shard_core& shard_;
};

} // namespace fairlead
