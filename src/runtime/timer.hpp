#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/readiness_handler.hpp"

#include <chrono>
#include <functional>

namespace fairlead {

class shard_core;

/// A timer of the system (timerfd_create(2)) that rings on a shard. While it is set, the shard
/// keeps running. Once made, it allocates nothing and cannot fail.
///
/// Thread safety: the thread of its shard. Lifetime: destroyed before its shard.
class timer final : private readiness_handler {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors or memory.
    timer(shard_core& shard, std::function<void()> rings);
    ~timer();

    /// Rings once after that time, in a later turn. Replaces the previous setting.
    void set(std::chrono::nanoseconds after) noexcept { set(after, std::chrono::nanoseconds{0}); }

    /// The same, and rings again each time `every` has passed. If the shard is late, it rings once
    /// for all the expirations missed.
    void set(std::chrono::nanoseconds after, std::chrono::nanoseconds every) noexcept;

    void cancel() noexcept;

    /// Decides if the shard keeps running until the timer rings; `set` and `cancel` decide it anew.
    /// Makes no system call.
    void keep_running(bool now) noexcept;

private:
    void on_readable(bool hangup) override;
    void on_writable() override {}

    shard_core& shard_;
    unique_descriptor clock_;
    std::function<void()> rings_;
    bool again_ = false;
    bool keeps_running_ = false; // the shard
};

} // namespace fairlead
