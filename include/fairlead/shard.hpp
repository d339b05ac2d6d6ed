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

/// One thread's loop, and the sessions that live on it for all their life.
///
///     ┌─▶ wait for sockets ──▶ serve those that are ready ──▶ run what was posted ──▶ end of the turn ─┐
///     └──────────────────────────────────────────────────────────────────────────────────────────────────┘
///
/// Everything on a shard runs on its thread, so handlers need no locks. Work from elsewhere is posted to it:
///
///     boost::asio::post(shard.get_executor(), [] { … });
///
/// Asio's timers, sockets, resolvers, strands and channels made with `get_executor()` work as in any Asio program. They
/// wait on an io_context with a thread of its own, which starts with the first of them, and their handlers run on the
/// shard. Such a completion costs one wake-up of the shard; `sleep_for` costs none.
///
/// Thread safety: `get_executor`, `stop` and `index` from any thread; the rest on the thread that runs the shard.
/// Lifetime: outlives what was made on it. Destroying a shard destroys the coroutines that are suspended on it.
class shard {
public:
    using clock = std::chrono::steady_clock; ///< the clock of `sleep_until`

    /// Errors: throws boost::system::system_error when the system has no more descriptors.
    shard();

    /// Lays a shard over an io_context that one thread of the program runs. Asio waits for the sockets of the shard, which
    /// costs two system calls more a turn; `run`, `poll` and `stop` are not to be called.
    ///
    /// `program.run()` returns when nothing is left to do on the shard. Lifetime: destroyed on the thread that runs
    /// `program`, or while none does; `program` is destroyed after the shard.
    explicit shard(boost::asio::io_context& program);

    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    /// Runs functions and coroutines on the shard. Thread safety: any thread.
    boost::asio::any_io_executor get_executor() noexcept;

    /// Waits for that time, to the millisecond. A time that has passed is not waited for.
    ///
    ///     co_await shard.sleep_for(20ms);
    ///
    /// Cancellation: all types; throws boost::system::system_error with `operation_aborted`.
    boost::asio::awaitable<void> sleep_for(clock::duration duration);
    /// The same until a point in time.
    boost::asio::awaitable<void> sleep_until(clock::time_point time);

    /// Runs `work` on a thread for blocking work and returns its result; the shard serves others meanwhile. All shards of
    /// a runtime share a few such threads. While all of them are busy, work waits, first come, first served.
    ///
    ///     const auto user = co_await session.shard().blocking(look_up);   // auto look_up = [&] { return database.find(name); };
    ///
    /// The coroutine goes on when `work` has ended, so what `work` refers to in the coroutine stays alive. The end of the
    /// runtime waits for work that runs; work that has not begun never does.
    ///
    /// Errors: throws what `work` throws, and std::system_error when no thread can be made. Cancellation: takes effect when
    /// `work` has ended.
    template <std::invocable Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> blocking(Work work);

    /// Its number in its runtime, from 0.
    std::size_t index() const noexcept;

    /// Runs until nothing is left to do, or `stop`. Logs exceptions that escape handlers and continues.
    void run();

    /// Does what can be done without waiting.
    void poll();

    /// Ends `run` as soon as the work in hand is done; one that begins later returns at once. Thread safety: any thread.
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
