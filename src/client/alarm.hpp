#pragma once

#include "runtime/shard_core.hpp"

#include "runtime/deadline.hpp"
#include <fairlead/transport/event.hpp>

#include <chrono>

namespace fairlead {

/// Notifies an event once a time has passed, for those who wait for something else at the same event.
class alarm final : private deadline {
public:
    /// With 0 it never rings. Lifetime: `tells` outlives this.
    alarm(shard_core& shard, std::chrono::milliseconds after, event& tells) noexcept : tells_{tells} {
        if (after.count() > 0)
            shard.arm(*this, due_after(shard.now(), after));
    }

    bool rung() const noexcept { return rung_; }

private:
    void on_deadline(ticks) override {
        rung_ = true;
        tells_.notify();
    }

    event& tells_;
    bool rung_ = false;
};

} // namespace fairlead
