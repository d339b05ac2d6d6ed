#pragma once

#include "core/counter.hpp"
#include "runtime/shard_core.hpp"
#include "server/report_pacer.hpp"
#include "server/shard_service.hpp"
#include "server/signal_policy.hpp"
#include "server/watchdog.hpp"

#include <fairlead/statistics.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fairlead {

/// Handles signals, reports shards that a handler blocks, and ends the process if such a shard holds up a stop.
///
/// Thread safety: `start` and `stop` from one thread, the others from any. It works, and calls the actions,
/// on the thread of the watchdog.
class server_monitor {
public:
    struct actions {
        std::function<void()> stop;
        std::function<void()> cut_off;
        std::function<fairlead::statistics()> statistics;
        std::function<void()> reload = {};        ///< empty: SIGHUP stops
        std::function<void()> alive = {};         ///< every `alive_every` while no shard is late
        std::chrono::microseconds alive_every{0}; ///< 0: never
    };

    enum class scope {
        shards,  ///< reports blocked shards; the process belongs to the program
        signals, ///< also handles signals, and ends the process when a handler holds up the stop
        own,     ///< reports blocked shards of a runtime that is the server's own
    };

    /// Lifetime: the shards and services outlive it, or it is stopped before they go.
    server_monitor(std::vector<shard_core*> shards, const shard_services& services, scope covered, actions given);

    /// Errors: throws std::system_error if no thread can be started.
    void start() { watchdog_.start(); }
    void stop() noexcept { watchdog_.stop(); }

    /// Ends the process, with `scope::signals`, if a stop has not ended 1 s after its `drain_limit`, which begins now.
    void expect_end(std::chrono::milliseconds drain_limit);

    /// Notes that the shards have ended: the stop now waits only for blocking work. Thread safety: any thread.
    void shards_ended() noexcept { watchdog_.shards_ended(); }

    /// Returns the time by which a shard is late; zero if it is not late, and once no shard runs. Thread
    /// safety: any thread.
    std::chrono::nanoseconds blocked_for(std::size_t shard) const;

    /// Returns the session or socket whose handler runs there; empty if none is known. Thread safety: any thread.
    std::string blocked_by(std::size_t shard) const;

    /// Returns the number of times that a shard was blocked.
    const counter& blocked(std::size_t shard) const noexcept { return watchdog_.blocked(shard); }

private:
    watchdog::duties duties();
    void on_signal(int number);
    bool report_if_due(std::chrono::steady_clock::time_point now);
    void report();
    void report_blocked(std::size_t shard);
    [[noreturn]] void give_up();
    std::optional<std::string> name_of(std::size_t shard, std::uint64_t running) const;

    const std::vector<shard_core*> shards_;
    const shard_services& services_;
    const scope scope_;
    const actions actions_;
    signal_policy signals_; // on the watchdog's thread, and so is the next one
    report_pacer reports_{std::chrono::milliseconds(250)};
    watchdog watchdog_;
};

} // namespace fairlead
