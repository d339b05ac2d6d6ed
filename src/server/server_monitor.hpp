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

/// What a server does about signals, shards that are blocked by a handler, and a stop that such a shard holds up.
///
/// Thread safety: `start` and `stop` from one thread, the others from any. It works on the watchdog's thread, and so calls
/// the actions there.
class server_monitor {
public:
    struct actions {
        std::function<void()> stop;
        std::function<void()> cut_off;
        std::function<fairlead::statistics()> statistics;
        std::function<void()> reload = {};        ///< empty: SIGHUP stops
        std::function<void()> alive = {};         ///< every `alive_every` while all shards come back
        std::chrono::microseconds alive_every{0}; ///< 0: never
    };

    enum class scope {
        shards,  ///< reports blocked shards; the process belongs to the program
        signals, ///< also handles signals, and ends the process when a handler holds up the stop
        own,     ///< reports blocked shards of a runtime that is the server's own
    };

    /// Lifetime: the shards and services outlive it, or it is stopped before they go.
    server_monitor(std::vector<shard_core*> shards, const shard_services& services, scope covered, actions given);

    /// Errors: throws std::system_error if there can be no thread.
    void start() { watchdog_.start(); }
    void stop() noexcept { watchdog_.stop(); }

    /// Ends the process, if that is in its scope, when a stop that has so long has not ended soon after that.
    void expect_end(std::chrono::milliseconds drain_limit);

    /// What the stop waits for now is blocking work alone. Thread safety: any thread.
    void shards_ended() noexcept { watchdog_.shards_ended(); }

    /// How long a shard has not come back; zero if it comes back, and once none of them runs. Thread safety: any thread.
    std::chrono::nanoseconds blocked_for(std::size_t shard) const;

    /// The session or socket whose handler runs there; empty if none is known. Thread safety: any thread.
    std::string blocked_by(std::size_t shard) const;

    /// How often a shard was blocked.
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
