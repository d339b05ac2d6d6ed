#pragma once

#include "runtime/exact_deadline.hpp"

#include <fairlead/transport/event.hpp>

#include <chrono>

namespace fairlead {

/// Notifies an event once a time limit has passed, for coroutines that also wait for other
/// conditions on this event.
class alarm final : private exact_deadline {
public:
    /// With `no_limit` the alarm never rings. With 0 or less it has rung from the start. Lifetime:
    /// `tells` outlives this.
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
