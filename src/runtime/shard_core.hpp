#pragma once

#include "core/block_pool.hpp"
#include "core/intrusive_list.hpp"
#include "runtime/clock_watcher.hpp"
#include "runtime/companion.hpp"
#include "runtime/deadline.hpp"
#include "runtime/shard_counters.hpp"
#include "runtime/shard_executor.hpp"
#include "runtime/shard_loop.hpp"
#include "runtime/shutdown_hook.hpp"
#include "runtime/sleep_queue.hpp"
#include "runtime/ticker.hpp"

#include <fairlead/shard.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace fairlead {

class blocking_pool;
class mailbox;

/// The implementation of `shard`.
///
/// Its time advances in ticks while an object lives on it. Each tick first serves the sockets that are
/// ready and then the deadlines that are due, so input that arrived in time counts. A time in which one
/// handler blocks the thread counts as two ticks at most, so it does not use up the time limits of others.
///
///     alive ──end()──▶ ended       an ended shard runs nothing: tasks posted to it are destroyed
///
/// Thread safety: `executor`, `inbox`, `post`, `overdue`, `running` and the counters from any
/// thread; the rest on the thread of the shard, unless stated otherwise.
class shard_core {
public:
    shard_core(shard& facade, boost::asio::io_context* program);
    shard_core(const shard_core&) = delete;
    shard_core& operator=(const shard_core&) = delete;
    ~shard_core();

    /// Destroys the coroutines that are suspended on the shard, while all objects that their locals
    /// may use still exist: first those that wait for objects of the library, then those that wait
    /// for objects of Asio. Nothing runs on the shard afterwards.
    void destroy_coroutines() noexcept;

    /// Calls `destroy_coroutines`, and then closes the timers and the poller.
    void end() noexcept;

    shard& facade() noexcept { return facade_; }
    shard_loop& loop() noexcept { return loop_; }

    shard_executor executor() noexcept { return shard_executor{*this}; }
    const std::shared_ptr<mailbox>& inbox() const noexcept { return inbox_; }

    /// Returns the io_context for objects of Asio: that of the program, or that of the companion, which the
    /// first call makes. Errors: throws std::system_error when no thread can be made. Thread safety: any thread.
    boost::asio::io_context& asio_context();

    void post(posted_task& task) noexcept;

    error_code watch(int descriptor, readiness_handler& handler, interest wanted = interest::read_write);
    void unwatch(int descriptor, readiness_handler& handler) noexcept;

    void at_end_of_turn(end_of_turn_task& task) noexcept { loop_.at_end_of_turn(task); }

    // --- time

    /// Returns the coarse time: that of the last tick.
    ticks now() const noexcept { return now_; }

    /// Notifies `deadline` once `due` has come. Replaces its previous time.
    void arm(deadline& deadline, ticks due) noexcept { wheel_.arm(deadline, due); }

    sleep_queue& sleepers() noexcept { return sleepers_; }

    /// Returns the precise time: that of the steady clock, or of the manual clock of a test.
    std::chrono::steady_clock::time_point steady_now() const noexcept;
    bool clock_is_manual() const noexcept { return clock_is_manual_; }

    /// Makes the clock manual, for tests: from now on only `pass` advances the time.
    void set_clock_manual() noexcept { clock_is_manual_ = true; }
    void pass(ticks elapsed);

    /// Returns the delay of the next tick: approximately how long the current handler has blocked
    /// the thread. Thread safety: any thread.
    std::chrono::nanoseconds overdue(std::chrono::steady_clock::time_point now) const noexcept {
        return ticker_->overdue(now);
    }

    /// Returns true if the clock runs. It runs while an object lives on the shard. Thread safety: any thread.
    bool clock_runs() const noexcept { return ticker_->expected(); }

    /// Notifies `watcher`, as long as it exists, when the clock starts. Thread safety: any thread.
    void add_clock_watcher(std::weak_ptr<clock_watcher> watcher);

    // --- shared by all objects on the shard

    block_pool& blocks() noexcept { return blocks_; }
    shard_counters& counters() noexcept { return counters_; }
    std::uint64_t running() const noexcept { return loop_.running(); }
    void set_running(std::uint64_t session) noexcept { loop_.set_running(session); }

    /// Returns the threads for blocking work: those of the runtime, or a pool of the shard, which
    /// the first call makes.
    blocking_pool& blocking_threads();
    void use(std::shared_ptr<blocking_pool> threads) noexcept { threads_ = std::move(threads); }

    std::size_t index() const noexcept { return index_; }
    void set_index(std::size_t index) noexcept { index_ = index; }

private:
    friend class shutdown_hook;

    void add(shutdown_hook& hook) noexcept;
    void start_clock();
    void look_at_clocks();
    void tick_if_due();

    shard& facade_;
    block_pool blocks_;
    shard_counters counters_;
    intrusive_list<shutdown_hook> hooks_;
    deadline_wheel wheel_;
    ticks now_{};
    ticks ticked_{}; // time of the last tick by the steady clock
    boost::asio::io_context* const program_;
    std::mutex companion_mutex_;
    std::unique_ptr<companion> companion_; // destroyed after the loop, see companion.hpp
    shard_loop loop_;
    std::optional<ticker> ticker_;
    sleep_queue sleepers_;
    std::mutex watchers_mutex_;
    std::vector<std::weak_ptr<clock_watcher>> watchers_; // of the clock
    std::shared_ptr<mailbox> inbox_;
    std::shared_ptr<blocking_pool> threads_;
    std::size_t index_ = 0;
    bool clock_is_manual_ = false;
    bool ended_ = false;
};

inline shard_core& core_of(shard& shard) noexcept {
    return *shard.core_;
}
inline shard& facade_of(shard_core& core) noexcept {
    return core.facade();
}

} // namespace fairlead
