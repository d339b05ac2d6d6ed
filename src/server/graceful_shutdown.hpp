#pragma once

#include "runtime/handler_memory.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"
#include "server/shard_service.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace fairlead {

/// The end of a server: every shard finishes what it has begun, and what has not finished in time is cut off.
///
///     begin ──▶ each shard: datagrams that wait, then sessions ──▶ all empty ──▶ over
///                     │ deadline, or a second signal
///                     └──▶ cut off ──▶ 200 ms for coroutines to end ──▶ over
///
/// None of its steps takes memory that was not put aside.
///
/// Thread safety: the first shard's thread; what was cut off may be read on any. Lifetime: outlives the coroutines of the
/// shards, and is closed before these end.
class graceful_shutdown {
public:
    using services = std::vector<std::unique_ptr<shard_service>>;

    /// What sessions that were cut off get to end their coroutines before these are destroyed.
    static constexpr std::chrono::milliseconds grace{200};

    /// `on_over` is called once, at the end.
    graceful_shutdown(services& on_shards, std::function<void()> on_over);

    /// Puts aside what `begin` takes. Thread safety: before the shards run.
    void prepare();

    void begin(std::chrono::milliseconds limit);
    bool begun() const noexcept { return begun_; }

    /// Ends what is left, now; `why` is logged with it, and lives as long as the program.
    void cut_off(const char* why);

    /// Lets go of the shard.
    void close() noexcept { timer_.reset(); }

    std::size_t sessions_cut_off() const noexcept { return sessions_; }
    std::size_t datagrams_cut_off() const noexcept { return datagrams_; }

private:
    void stop(std::size_t index);
    void stopped();
    void end();
    void deadline_passed();
    shard_core& first() noexcept { return services_.front()->sessions.home(); }

    template <class Action>
    void post(std::size_t index, handler_memory& memory, Action action);

    services& services_;
    std::function<void()> on_over_;
    std::optional<timer> timer_;
    std::size_t stopped_ = 0;
    bool begun_ = false;
    bool cutting_off_ = false;
    std::atomic<std::size_t> sessions_{0}, datagrams_{0};
};

} // namespace fairlead
