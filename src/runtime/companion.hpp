#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <thread>

namespace fairlead {

/// Where Asio's own objects of a shard live: an io_context that a thread of its own runs. Their handlers go home to the
/// shard through their executor.
///
///     shard:       co_await timer.async_wait(…) ──┐                       ┌─▶ the coroutine continues
///     companion:                                  └─▶ waits, expires, posts
///
/// Thread safety: `context` from any thread; the rest from one. Lifetime: destroyed last of all that a coroutine on the
/// shard may refer to, because timers and sockets refer to the services of the context in their destructors.
class companion {
public:
    /// Errors: throws std::system_error when no thread can be made.
    companion();
    companion(const companion&) = delete;
    companion& operator=(const companion&) = delete;
    ~companion();

    boost::asio::io_context& context() noexcept { return context_; }

    /// Ends the thread; handlers under way have been posted to the shard then.
    void stop() noexcept;

    /// After `stop`: destroys what still waits. Coroutines among it are posted to the shard to be destroyed there.
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
