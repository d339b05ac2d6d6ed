#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace fairlead {

/// Runs an io_context on a thread of its own, for the timers and sockets of Asio that belong to a
/// shard. Their executor posts their handlers back to the shard.
///
///     shard:       co_await timer.async_wait(…) ──┐                       ┌─▶ the coroutine continues
///     companion:                                  └─▶ waits, expires, posts
///
/// Thread safety: `context` from any thread; the rest from one. Lifetime: destroyed after all objects to which a
/// coroutine on the shard may refer, because the destructors of timers and sockets use the services of the context.
class companion {
public:
    /// Errors: throws std::system_error when no thread can be made.
    companion();
    companion(const companion&) = delete;
    companion& operator=(const companion&) = delete;
    ~companion();

    boost::asio::io_context& context() noexcept { return context_; }

    /// Ends the thread and waits for it. Completions under way have been posted to the shard by then.
    void stop() noexcept;

    /// Destroys the operations that still wait. Coroutines that wait for them are posted to the
    /// shard, which destroys them. Call `stop` first.
    void shutdown() { context_.shutdown(); }

private:
    struct context_type : boost::asio::io_context {
        using boost::asio::execution_context::shutdown;
        using boost::asio::io_context::io_context;
    };

    context_type context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> alive_;
    std::jthread thread_;
};

} // namespace fairlead
