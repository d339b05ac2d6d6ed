#pragma once

#include "core/time_after.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/sleep_queue.hpp"

#include <fairlead/time_limit.hpp>
#include <fairlead/transport/event.hpp>

#include <chrono>

namespace fairlead {

/// Notifies an event once a time has passed, for those who wait for something else at the same event.
class alarm final : private sleep_queue::sleeper {
public:
    /// With `no_limit` it never rings; with 0 or less it has rung already. Lifetime: `tells` outlives this.
    alarm(shard_core& shard, std::chrono::milliseconds after, event& tells) noexcept
        : sleeper{time_after(shard.steady_now(), after)}, shard_{shard}, tells_{tells}, rung_{after.count() <= 0} {
        if (!rung_ && after != no_limit)
            shard.sleepers().add(*this);
    }
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    ~alarm() { shard_.sleepers().remove(*this); }

    bool rung() const noexcept { return rung_; }

private:
    void wake_up() override {
        rung_ = true;
        tells_.notify();
    }

    shard_core& shard_;
    event& tells_;
    bool rung_;
};

} // namespace fairlead
