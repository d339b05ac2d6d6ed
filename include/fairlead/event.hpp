#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace fairlead {

/// Something coroutines wait for and somebody else makes happen.
///
///     while (!ready)
///         co_await changed.wait();        // here: suspended     there: ready = true; changed.notify();
///
/// An event remembers nothing: the condition lives with its owner, who notifies after it changed.
///
/// Cancellation: none; who ends the wait changes the condition and notifies.
/// Thread safety: one thread at a time. Lifetime: destroying an event destroys the coroutines that wait for it.
class event {
public:
    /// An asynchronous operation with signature `void()`: to be awaited, or started with a handler.
    auto wait() noexcept { return wait_operation{this}; }

    /// Resumes whoever waits before it returns: the last thing a function does, for they may destroy the event.
    void notify() {
        if (waiters_.size() == 1) {
            handler only = take_last();
            std::move(only)();
            return;
        }
        for (auto& each : std::exchange(waiters_, {}))
            std::move(each)();
    }

    /// Resumes whoever waits in a later turn of `executor`.
    template <class Executor>
    void notify_later(const Executor& executor) {
        while (!waiters_.empty())
            boost::asio::post(executor, take_last());
    }

    bool awaited() const noexcept { return !waiters_.empty(); }

private:
    using handler = boost::asio::any_completion_handler<void()>;

    struct start {
        template <class Handler>
        void operator()(Handler&& waiter) const {
            self->waiters_.emplace_back(std::forward<Handler>(waiter));
        }
        event* self;
    };

    struct wait_operation {
        template <boost::asio::completion_token_for<void()> CompletionToken>
        auto operator()(CompletionToken&& token) const {
            return boost::asio::async_initiate<CompletionToken, void()>(start{self}, token);
        }
        event* self;
    };

    // Only moved by construction: assigning to an any_completion_handler of Boost 1.81 recurses without end.
    handler take_last() {
        handler taken{std::move(waiters_.back())};
        waiters_.pop_back();
        return taken;
    }

    std::vector<handler> waiters_;
};

} // namespace fairlead
