#pragma once

#include "runtime/blocking_pool.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <new>
#include <thread>

namespace fairlead {

/// One piece of blocking work, in the frame of the coroutine that waits for it.
class blocking_call final : private shutdown_hook, private blocking_pool::job {
public:
    blocking_call(shard_core& shard, void (*work)(void*) noexcept, void* argument)
        : shutdown_hook{shard}, shard_{shard}, inbox_{shard.inbox()}, alive_{shard}, work_{work}, argument_{argument} {}

    boost::asio::awaitable<void> run_on(blocking_pool& threads,
                                        blocking_pool::kind how_long = blocking_pool::kind::brief) {
        threads.submit(*this, how_long); // may throw, and has changed nothing then
        // The work refers to the frames above this one, so a cancelled coroutine waits for it too.
        const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        while (!done_)
            co_await finished_.wait();
        co_await boost::asio::this_coro::throw_if_cancelled(throws);
    }

private:
    void run() noexcept override {
        work_(argument_);
        report();
    }

    // The waiting coroutine must be resumed, so this retries until there is memory for the post.
    void report() noexcept {
        for (;;) {
            try {
                inbox_->post([this] { finish(); });
                return;
            } catch (const std::bad_alloc&) {
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
            }
        }
    }

    void finish() {
        done_ = true;
        finished_.notify();
    }

    void on_shard_shutdown() override { finished_.notify_later(shard_.executor()); }

    shard_core& shard_;
    const std::shared_ptr<mailbox> inbox_;
    const basic_shard_executor<true> alive_;
    void (*const work_)(void*) noexcept;
    void* const argument_;
    event finished_;
    bool done_ = false;
};

} // namespace fairlead
