#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace FAIRLEAD_API fairlead {

/// The shards of a program and their threads: one per core unless told otherwise.
///
///     runtime runtime{1};
///     runtime.run(program(runtime[0]));        // boost::asio::awaitable<void> program(shard& shard)
///
/// While `run` serves the shards on one thread, others start coroutines as in any Asio program and wait for their results:
///
///     std::future<int> reply = boost::asio::co_spawn(runtime[0].get_executor(), ask(runtime[0]), boost::asio::use_future);
///
/// What belongs to the shard, a session above all, stays in the coroutine. After `stop` nothing continues: a future that
/// has no value yet gets std::future_error once the runtime is destroyed.
///
/// Thread safety: `stop` from any thread; the rest from one.
class runtime {
public:
    static constexpr std::size_t default_blocking_threads = 4;

    /// `threads` = 0: one per core that the process may use (affinity, and the quota of its control group). At most `blocking_threads` threads run the work of `shard::blocking`.
    explicit runtime(std::size_t threads = 0, std::size_t blocking_threads = default_blocking_threads);
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;
    ~runtime();

    std::size_t size() const noexcept;
    shard& operator[](std::size_t index) noexcept;

    /// Runs the first shard on the calling thread and each other one on a thread of its own, until `stop`.
    ///
    /// Errors: throws std::system_error when a thread cannot be made; then nothing runs.
    void run();

    /// Runs the shards until `program`, which runs on the first of them, has ended. May be called again: what still waits
    /// on the shards continues then.
    ///
    /// Errors: throws what `program` throws, and std::runtime_error when `stop` was called before its end; std::bad_alloc
    /// when it ended and there was no memory left to tell how.
    void run(boost::asio::awaitable<void> program);

    /// Ends `run` as soon as every shard has finished the work in hand.
    void stop() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace fairlead
