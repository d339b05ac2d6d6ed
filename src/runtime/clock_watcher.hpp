#pragma once

namespace fairlead {

/// Is told when the clock of a shard starts, which is when something lives on it again.
class clock_watcher {
public:
    /// Called on the thread of the shard.
    virtual void on_clock_start() noexcept = 0;

protected:
    ~clock_watcher() = default;
};

} // namespace fairlead
