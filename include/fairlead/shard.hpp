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
/// A turn is one pass of this loop. All handlers and coroutines of a shard run on its thread, so they need no locks. Other
/// threads post functions to it:
///
///     boost::asio::post(shard.get_executor(), [] { log("on the thread of the shard"); });
///
/// Asio's timers, sockets, resolvers, strands and channels made with `get_executor()` work as in any Asio program. They wait
/// on an io_context that runs on one more thread, which starts when the first such object is made. Their handlers run on the
/// shard. Each completion wakes the shard; `sleep_for` needs no such wake-up.
///
/// Thread safety: `get_executor`, `call`, `stop` and `index` from any thread; the rest on the thread that runs the shard.
/// Lifetime: the shard outlives the sessions, clients and Asio objects made on it. Its destructor destroys the coroutines
/// that are suspended on it.
class shard {
    template <class Value>
    struct awaited {
        using type = Value;
    };
    template <class Value, class Executor>
    struct awaited<boost::asio::awaitable<Value, Executor>> {
        using type = Value;
    };
    template <class Work>
    using returned_by = std::invoke_result_t<Work&>;
    template <class Work>
    using result_of = typename awaited<returned_by<Work>>::type;

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

    /// Calls `work` at a fixed rate, first after one interval, until it throws or the coroutine is cancelled. If `work` returns
    /// an awaitable, that is awaited. The results are ignored.
    ///
    ///     auto beat = [&] { handle.send("tick"); };
    ///     co_await shard.every(1s, beat);
    ///
    /// The rate does not drift: each call is due at a multiple of `interval` after the first `co_await`. Calls that would have
    /// been due while the thread or `work` was busy are skipped.
    ///
    /// Errors: throws the exceptions of `work`, and std::invalid_argument if `interval` is 0 or less. Cancellation: as
    /// `sleep_for`.
    template <std::invocable Work>
    boost::asio::awaitable<void> every(clock::duration interval, Work work);

    /// Runs `work` on the thread of this shard and returns its result. The caller is a coroutine on any executor and continues
    /// there. `work` returns an object or void, or an awaitable: then the awaitable runs on this shard, and its result is returned.
    ///
    ///     auto count = [&] { return members.size(); };           // `members` is used on this shard only
    ///     const auto size = co_await other.call(count);
    ///
    /// In a turn of this shard `work` is called at once, otherwise in a later turn. Only the coroutine that calls is suspended, so
    /// two shards may call each other at the same time.
    ///
    /// Errors: throws the exceptions of `work`; boost::system::system_error with `errc::closed` if this shard is destroyed before
    /// `work` has ended, or has no memory to start an awaitable; std::bad_alloc if `work` was not posted. While no thread runs
    /// this shard, the caller waits.
    ///
    /// Cancellation: all types. `work` that has not begun is not called, and `operation_aborted` is thrown. An awaitable that has
    /// begun is cancelled on this shard, and its outcome is returned. A function that runs is awaited.
    ///
    /// Lifetime: this shard exists until the call is awaited. An io_context or a thread pool of the caller outlives the thread of
    /// this shard: Asio's post of the result may still use it when the caller continues. If the executor of the caller belongs to a
    /// shard, that shard may be destroyed: `work` that has not begun is not called, the destructor waits for a function that runs,
    /// and an awaitable that runs is cancelled and not awaited; it is destroyed on this shard.
    template <std::invocable Work>
    boost::asio::awaitable<result_of<Work>> call(Work work);

    /// Runs `work` on a thread for blocking work and returns its result, while the shard serves other sessions. All shards of a
    /// runtime share these threads (`server_options::blocking_threads`). If all are busy, the work waits in a queue.
    ///
    ///     auto look_up = [&] { return database.find(name); };
    ///     const auto user = co_await session.shard().blocking(look_up);
    ///
    /// The coroutine stays suspended until `work` has ended, so `work` may refer to its locals. The destructor of the runtime
    /// waits for work that runs; work still in the queue is dropped. `work` returns an object or void, not a reference.
    ///
    /// Errors: throws the exceptions of `work`, and std::system_error if no thread can be made. Cancellation: none, also while
    /// `work` waits in the queue: it is run, its result is returned, and the next `co_await` throws.
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

    template <class Work, class Value>
    class stored_call;
    using function = void (*)(void* argument) noexcept;
    using coroutine = boost::asio::awaitable<void> (*)(void* argument);

    boost::asio::awaitable<void> run_blocking(function work, void* argument);
    boost::asio::awaitable<void> run_here(function work, std::shared_ptr<void> argument);
    boost::asio::awaitable<void> run_here(coroutine work, std::shared_ptr<void> argument);
    clock::time_point begin_ticks(clock::duration interval) const;
    boost::asio::awaitable<clock::time_point> next_tick(clock::time_point last, clock::duration interval);

    std::shared_ptr<shard_core> core_;
};

/// A function of a template's type, and its outcome once it was called.
template <class Work, class Value>
class shard::stored_call {
public:
    explicit stored_call(Work work) : work_{std::move(work)} {}

    static void run(void* self) noexcept {
        auto& here = *static_cast<stored_call*>(self);
        try {
            if constexpr (std::is_void_v<Value>)
                here.work_();
            else
                here.returned_.emplace(here.work_());
        } catch (...) {
            here.thrown_ = std::current_exception();
        }
    }

    static boost::asio::awaitable<void> await(void* self) {
        auto& here = *static_cast<stored_call*>(self);
        try {
            if constexpr (std::is_void_v<Value>)
                co_await here.work_();
            else
                here.returned_.emplace(co_await here.work_());
        } catch (...) {
            here.thrown_ = std::current_exception();
        }
    }

    Value take() {
        if (thrown_)
            std::rethrow_exception(std::exchange(thrown_, nullptr));
        if constexpr (!std::is_void_v<Value>)
            return std::move(*returned_);
    }

private:
    Work work_;
    std::optional<std::conditional_t<std::is_void_v<Value>, std::monostate, Value>> returned_ = {};
    std::exception_ptr thrown_ = {};
};

template <std::invocable Work>
boost::asio::awaitable<void> shard::every(clock::duration interval, Work work) {
    for (clock::time_point tick = begin_ticks(interval);;) {
        const clock::time_point next = co_await next_tick(tick, interval);
        tick = next;
        if constexpr (std::is_same_v<result_of<Work>, returned_by<Work>>)
            static_cast<void>(work());
        else
            static_cast<void>(co_await work());
    }
}

template <std::invocable Work>
boost::asio::awaitable<shard::result_of<Work>> shard::call(Work work) {
    using stored = stored_call<Work, result_of<Work>>;
    const auto here = std::make_shared<stored>(std::move(work)); // the shard and the caller may end in either order
    if constexpr (std::is_same_v<result_of<Work>, returned_by<Work>>)
        co_await run_here(&stored::run, here);
    else
        co_await run_here(&stored::await, here);
    co_return here->take();
}

template <std::invocable Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> shard::blocking(Work work) {
    using stored = stored_call<Work, std::invoke_result_t<Work&>>;
    stored here{std::move(work)};
    co_await run_blocking(&stored::run, &here);
    co_return here.take();
}

} // namespace fairlead
