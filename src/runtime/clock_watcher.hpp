#pragma once

namespace fairlead {

/// Interface for objects that are notified when the clock of a shard starts. It starts when a
/// `shutdown_hook` is added to a shard whose clock does not run.
class clock_watcher {
public:
    /// Called on the thread of the shard.
    virtual void on_clock_start() noexcept = 0;

protected:
    ~clock_watcher() = default;
};

} // namespace fairlead
