#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/shard_range.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace FAIRLEAD_API fairlead {

/// The shards of a program, with one thread each.
///
///     runtime runtime{1};
///     runtime.run(program(runtime[0]));        // boost::asio::awaitable<void> program(shard& shard)
///
/// While `run` runs, other threads can start coroutines and wait for their results, as in any Asio program:
///
///     std::future<int> reply = boost::asio::co_spawn(runtime[0].get_executor(), ask(runtime[0]), boost::asio::use_future);
///
/// Use sessions and clients of a shard only in coroutines of that shard. After `stop`, coroutines stay suspended until the next
/// `run`. The destructor destroys them; a future without a value then throws std::future_error.
///
/// Thread safety: `stop`, `size`, `operator[]`, `shards` from any thread; the rest from one.
class runtime {
public:
    static constexpr std::size_t default_blocking_threads = 4; ///< the number of threads for `shard::blocking`

    /// Makes `threads` shards; 0: one for each core that the process may use (affinity, and the quota of its control group). At
    /// most `blocking_threads` threads run the work of `shard::blocking`; 0 counts as 1.
    ///
    /// Errors: throws boost::system::system_error if there are no more descriptors.
    explicit runtime(std::size_t threads = 0, std::size_t blocking_threads = default_blocking_threads);
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;
    ~runtime();

    std::size_t size() const noexcept;             ///< the number of shards
    shard& operator[](std::size_t index) noexcept; ///< `index` is less than `size()`
    shard_range shards() noexcept;                 ///< all shards

    /// Runs the first shard on the calling thread and each other shard on a thread of its own, until `stop`.
    ///
    /// Errors: throws std::system_error if a thread cannot be made; then no shard runs.
    void run();

    /// Runs `program` on the first shard, and all shards until it has ended. May be called again: coroutines that still wait
    /// then continue.
    ///
    /// Errors: throws the exceptions of `program`; std::runtime_error if `stop` was called before its end; std::bad_alloc if there
    /// was no memory left to report its end.
    void run(boost::asio::awaitable<void> program);

    /// Ends `run` after the current turn of each shard. If `run` is not running, the next `run` returns at once. Thread safety:
    /// any thread.
    void stop() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace fairlead
