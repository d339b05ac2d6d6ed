#include <fairlead/task_group.hpp>

#include "core/cancellation.hpp"
#include "runtime/joined_tasks.hpp"

#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace fairlead {

namespace {

// Returns the group, which lives until the end is reached; null if the end is reached already.
joined_tasks* start_group(const boost::asio::any_io_executor& executor, std::size_t max_tasks, const task_body& body,
                          joined_tasks::result& end) {
    const auto made = std::make_shared<joined_tasks>(executor, max_tasks, end);
    made->run(body);
    return end.reached ? nullptr : made.get();
}

} // namespace

boost::asio::awaitable<void> with_tasks(std::size_t max_tasks, task_body body) {
    if (max_tasks == 0)
        throw std::invalid_argument{"with_tasks: `max_tasks` is 0, so no task could run; it must be at least 1"};
    const auto executor = co_await boost::asio::this_coro::executor;
    joined_tasks::result end;
    joined_tasks* const group = start_group(executor, max_tasks, body, end);

    const bool throwing = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (!end.reached && is_cancelled(state)) // cancelled before the wait, for example by the body
        group->cancel_all();
    while (!end.reached)
        co_await group->ended();
    co_await boost::asio::this_coro::throw_if_cancelled(throwing);
    if (end.thrown)
        std::rethrow_exception(end.thrown);
}

} // namespace fairlead
