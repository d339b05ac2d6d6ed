#pragma once

#include "runtime/shard_core.hpp"

#include "runtime/deadline.hpp"
#include <fairlead/time_limit.hpp>
#include <fairlead/transport/event.hpp>

#include <chrono>

namespace fairlead {

/// Notifies an event once a time has passed, for those who wait for something else at the same event.
class alarm final : private deadline {
public:
    /// With `no_limit` it never rings; with 0 or less it has rung already. Lifetime: `tells` outlives this.
    alarm(shard_core& shard, std::chrono::milliseconds after, event& tells) noexcept
        : tells_{tells}, rung_{after.count() <= 0} {
        if (!rung_ && after != no_limit)
            shard.arm(*this, due_after(shard.now(), after));
    }

    bool rung() const noexcept { return rung_; }

private:
    void on_deadline(ticks) override {
        rung_ = true;
        tells_.notify();
    }

    event& tells_;
    bool rung_;
};

} // namespace fairlead
