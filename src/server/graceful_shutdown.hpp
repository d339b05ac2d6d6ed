#pragma once

#include "runtime/handler_memory.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"
#include "server/shard_service.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace fairlead {

/// Stops a server: every shard finishes the work that it has begun, and work that is not finished in time is cut off.
///
///     begin ──▶ each shard: datagrams that wait, then sessions ──▶ all empty ──▶ background tasks cancelled ──▶ over
///                     │ deadline, or a second signal                                  │
///                     └──▶ cut off ◀──────────────────────────────────────────────────┘
///                            └──▶ 200 ms for coroutines to end ──▶ over
///
/// Its steps use only memory that was set aside.
///
/// Thread safety: the thread of the first shard; `disconnect` and the numbers cut off from any. Lifetime: outlives
/// the coroutines of the shards; closed before the shards end. Its posts keep the owner of the services alive.
class graceful_shutdown {
public:
    /// The time that coroutines of sessions that were cut off have to end.
    static constexpr std::chrono::milliseconds grace{200};

    /// `on_over` is called once, at the end.
    graceful_shutdown(shard_services& on_shards, std::function<void()> on_over);

    /// Makes the timer for the deadline. Errors: throws boost::system::system_error if the system has no
    /// more descriptors.
    void prepare();

    void begin(std::chrono::milliseconds limit);
    bool begun() const noexcept { return phase_ != phase::idle; }

    /// Ends the remaining work now. `why` is logged with each session; the string lives as long as the program.
    void cut_off(const char* why);

    /// Releases the first shard, whose server is gone; `on_over` is not called any more.
    void close() noexcept;

    /// Keeps the other shards from reporting to the first one, which may end before them.
    void disconnect() noexcept { connected_ = false; }

    std::size_t sessions_cut_off() const noexcept { return sessions_; }
    std::size_t datagrams_cut_off() const noexcept { return datagrams_; }
    std::size_t tasks_cut_off() const noexcept { return tasks_; }

private:
    //  idle ──begin──▶ draining ──deadline · cut_off()──▶ cutting_off ──grace · all empty──▶ over
    //    │                 └──────────── all empty and ended ────────────────────────────────▲
    //    └── close(), from each of them ─────────────────────────────────────────────────────┘
    enum class phase : std::uint8_t { idle, draining, cutting_off, over };

    void stop(std::size_t index);
    void stopped();
    void end_tasks();
    void task_ended();
    void end();
    void note_tasks_left() noexcept;
    void deadline_passed();
    shard_core& first() noexcept { return services_.front()->sessions.shard(); }

    template <class Action>
    void post(std::size_t index, handler_memory& memory, Action action);

    shard_services& services_;
    std::function<void()> on_over_;
    std::optional<timer> timer_;
    std::size_t stopped_ = 0;
    std::size_t tasks_ended_ = 0;
    phase phase_ = phase::idle;
    std::atomic<bool> connected_{true};
    std::atomic<std::size_t> sessions_{0}, datagrams_{0}, tasks_{0};
};

} // namespace fairlead
