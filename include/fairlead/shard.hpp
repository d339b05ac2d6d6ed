#pragma once

#include <fairlead/api.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace boost::asio {
class io_context;
} // namespace boost::asio

namespace FAIRLEAD_API fairlead {

class shard_core;

/// An event loop for one thread. A session stays on one shard.
///
///     ┌─▶ wait for sockets ──▶ serve those that are ready ──▶ run what was posted ──▶ end of the turn ─┐
///     └──────────────────────────────────────────────────────────────────────────────────────────────────┘
///
/// A turn is one pass of this loop. All handlers and coroutines of a shard run on its thread, so they need no locks. Other threads post functions to it:
///
///     boost::asio::post(shard.get_executor(), [] { log("on the thread of the shard"); });
///
/// Asio's timers, sockets, resolvers, strands and channels made with `get_executor()` work as in any Asio program. They wait
/// on an io_context that runs on one more thread, which starts when the first such object is made. Their handlers run on the
/// shard. Each completion wakes the shard; `sleep_for` needs no such wake-up.
///
/// Thread safety: `get_executor`, `stop` and `index` from any thread; the rest on the thread that runs the shard.
/// Lifetime: the shard outlives the sessions, clients and Asio objects made on it. Its destructor destroys the coroutines
/// that are suspended on it.
class shard {
public:
    using clock = std::chrono::steady_clock; ///< the clock of `sleep_until`

    /// Makes a shard with a loop of its own. Errors: throws boost::system::system_error if there are no more descriptors.
    shard();

    /// Makes a shard that runs in an io_context, which one thread of the program runs. Asio then waits for the sockets of the
    /// shard, which costs two system calls more for each turn. Do not call `run`, `poll` or `stop`.
    ///
    /// `program.run()` returns when the shard has no work left. Lifetime: `program` outlives the shard. The shard is destroyed
    /// on the thread that runs `program`, or while no thread does.
    explicit shard(boost::asio::io_context& program);

    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    /// Returns the executor of the shard, for boost::asio::post and co_spawn. Thread safety: any thread.
    boost::asio::any_io_executor get_executor() noexcept;

    /// Waits for a duration, or until a time, precise to a millisecond and never early. Does not wait for a time in the past.
    ///
    ///     co_await shard.sleep_for(20ms);
    ///
    /// Cancellation: all types; throws boost::system::system_error with `operation_aborted`.
    boost::asio::awaitable<void> sleep_for(clock::duration duration);
    /// The same until a point in time.
    boost::asio::awaitable<void> sleep_until(clock::time_point time);

    /// Runs `work` on a thread for blocking work and returns its result, while the shard serves other sessions. All shards of a
    /// runtime share these threads (`server_options::blocking_threads`). If all are busy, the work waits in a queue.
    ///
    ///     auto look_up = [&] { return database.find(name); };
    ///     const auto user = co_await session.shard().blocking(look_up);
    ///
    /// The coroutine stays suspended until `work` has ended, so `work` may refer to its locals. The destructor of the runtime
    /// waits for work that runs; work still in the queue is dropped. `work` returns an object or void, not a reference.
    ///
    /// Errors: throws the exceptions of `work`, and std::system_error if no thread can be made. Cancellation: none while `work`
    /// runs; the result is returned, and the next `co_await` throws.
    template <std::invocable Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> blocking(Work work);

    /// Returns the number of the shard in its runtime, from 0. Thread safety: any thread.
    std::size_t index() const noexcept;

    /// Runs until no work is left, or until `stop`. Logs exceptions that escape handlers and continues.
    void run();

    /// Runs everything that is ready, without waiting.
    void poll();

    /// Ends `run` after the current turn. If `run` is not running, the next `run` returns at once. Thread safety: any thread.
    void stop() noexcept;

private:
    friend shard_core& core_of(shard& shard) noexcept;

    boost::asio::awaitable<void> run_blocking(void (*work)(void*) noexcept, void* argument);

    std::shared_ptr<shard_core> core_;
};

template <std::invocable Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> shard::blocking(Work work) {
    using value = std::invoke_result_t<Work&>;
    using kept = std::conditional_t<std::is_void_v<value>, std::monostate, value>;
    struct call {
        static void run(void* self) noexcept {
            call& here = *static_cast<call*>(self);
            try {
                if constexpr (std::is_void_v<value>)
                    here.work();
                else
                    here.returned.emplace(here.work());
            } catch (...) {
                here.thrown = std::current_exception();
            }
        }
        Work& work;
        std::optional<kept> returned = {};
        std::exception_ptr thrown = {};
    };
    call here{work};
    co_await run_blocking(&call::run, &here);
    if (here.thrown)
        std::rethrow_exception(here.thrown);
    if constexpr (!std::is_void_v<value>)
        co_return std::move(*here.returned);
}

} // namespace fairlead
