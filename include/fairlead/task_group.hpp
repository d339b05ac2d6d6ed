#pragma once

#include <fairlead/api.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>

namespace FAIRLEAD_API fairlead {

/// Coroutines that run beside each other on one thread. `with_tasks` makes a group and waits for its tasks.
///
/// Use it inside the body of its `with_tasks`, not inside a task: a task that waits for its own group may wait for ever.
/// Errors: if a task fails, the body is cancelled: its wait throws the exception of the task or `operation_aborted`.
/// Cancellation: all types; a cancelled wait throws `operation_aborted` and cancels no task.
/// Thread safety: the thread of the coroutine that called `with_tasks`.
class task_group {
public:
    /// Waits for a place, then starts `task`, which runs until it waits for the first time. The arguments of `task` are evaluated
    /// before the wait. To make them only when the task can start, await `wait_for_place` first.
    ///
    ///     co_await tasks.start(send_ticks(session));
    virtual boost::asio::awaitable<void> start(boost::asio::awaitable<void> task) = 0;

    /// Waits until fewer than `max_tasks` run: the next `start` does not wait.
    virtual boost::asio::awaitable<void> wait_for_place() = 0;

    /// Waits until one of the running tasks ends. Returns at once if none runs.
    virtual boost::asio::awaitable<void> wait_any() = 0;

    /// Waits until no task runs.
    virtual boost::asio::awaitable<void> wait_all() = 0;

    /// Cancels the tasks that run now, as cancelled coroutines: the operation for which a task waits ends with an error. The body
    /// continues. A wait that cannot be cancelled, such as `shard::blocking`, first comes to its end.
    virtual void cancel() noexcept = 0;

    virtual std::size_t size() const noexcept = 0; ///< the number of running tasks

protected:
    ~task_group() = default;
};

/// The coroutine that starts the tasks of a group.
using task_body = std::function<boost::asio::awaitable<void>(task_group& tasks)>;

/// Runs `body`, which may start tasks, at most `max_tasks` at one time. Returns after the body and all tasks have ended.
///
///     boost::asio::awaitable<void> tick_until_the_peer_leaves(session& session) {
///         const auto body = [&session](task_group& tasks) -> boost::asio::awaitable<void> {
///             co_await tasks.start(send_ticks(session));
///             co_await session.ended();
///             tasks.cancel();                         // without it, the tasks decide when they end
///         };
///         co_await with_tasks(1, body);
///     }
///
/// Lifetime: tasks may refer to everything that outlives `with_tasks`, such as the session and the local variables of the
/// caller, and not to local variables of the body, which often ends before them. This also holds when the shard is destroyed:
/// the caller is destroyed after the tasks.
///
/// Errors: if the body or a task throws, the others are cancelled, and the first exception is thrown after all have ended.
/// Further exceptions are logged. An `operation_aborted` that a cancelled task throws is no error. Throws
/// std::invalid_argument if `max_tasks` is 0. Cancellation: all types; the body and the tasks are cancelled, and `with_tasks`
/// returns when they have ended.
boost::asio::awaitable<void> with_tasks(std::size_t max_tasks, task_body body);

} // namespace fairlead
