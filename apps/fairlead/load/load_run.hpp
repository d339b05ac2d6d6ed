#pragma once

#include "load/load_control.hpp"
#include "load/load_result.hpp"
#include "load/load_worker.hpp"
#include "load/processor_clock.hpp"

#include "progress_bar.hpp"

#include <fairlead/runtime.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fairlead::command {

/// Runs a load once: a shard and a worker for each thread, and on the first of them the clock of the run.
class load_run {
public:
    /// Ends early once `interrupted`. Lifetime: `plan` and `interrupted` outlive it.
    ///
    /// Errors: throws std::runtime_error when there is no process `plan.server_process`.
    load_run(const load_plan& plan, const std::atomic<bool>& interrupted);

    /// Runs the load. Errors: throws the exception that ended it, such as std::system_error for a thread
    /// that cannot be made.
    load_result run();

private:
    using clock = load_control::clock;

    boost::asio::awaitable<void> keep_time();
    void show_progress(clock::time_point now);
    void begin_measuring();
    void end_measuring();
    std::uint64_t replies();

    const load_plan& plan_;
    payload messages_;
    progress_bar bar_;
    rate_meter rate_;
    const processor_clock own_;
    std::optional<processor_clock> server_;
    std::chrono::nanoseconds own_before_{0};
    std::optional<server_use> server_before_;
    load_result result_;
    std::vector<std::unique_ptr<load_worker>> workers_; // outlive `home_`, whose coroutines refer to them
    runtime home_;
    load_control control_;
};

} // namespace fairlead::command
