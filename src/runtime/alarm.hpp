#pragma once

#include "runtime/exact_deadline.hpp"

#include <fairlead/transport/event.hpp>

#include <chrono>

namespace fairlead {

/// Notifies an event once a time has passed, for those who wait for something else at the same event.
class alarm final : private exact_deadline {
public:
    /// With `no_limit` it never rings; with 0 or less it has rung already. Lifetime: `tells` outlives this.
    alarm(shard_core& shard, std::chrono::milliseconds after, event& tells) noexcept
        : exact_deadline{shard, after}, tells_{tells}, rung_{after.count() <= 0} {}

    bool rung() const noexcept { return rung_; }

private:
    void on_time() override {
        rung_ = true;
        tells_.notify();
    }

    event& tells_;
    bool rung_;
};

} // namespace fairlead
