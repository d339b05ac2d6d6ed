#include "core/cancellation.hpp"
#include "core/time_after.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/sleep_queue.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

namespace fairlead {

namespace {

/// A coroutine that sleeps.
class sleeping final : private sleep_queue::sleeper, private shutdown_hook {
public:
    sleeping(shard_core& shard, shard::clock::time_point due) : sleeper{due}, shutdown_hook{shard}, shard_{shard} {
        shard_.sleepers().add(*this);
    }

    ~sleeping() { shard_.sleepers().remove(*this); }

    boost::asio::awaitable<void> wait() {
        while (!woken_) {
            co_await due_.wait();
            const auto state = co_await boost::asio::this_coro::cancellation_state;
            if (!woken_ && is_cancelled(state))
                throw boost::system::system_error{boost::asio::error::operation_aborted};
        }
    }

private:
    // Resumes the coroutine behind the tasks that were posted before. In `receive() || sleep_for(…)`,
    // a `receive` that has completed posts its completion. The sleep must not overtake it, because the
    // operator drops the result of the one that completes second.
    void wake_up() override {
        woken_ = true;
        due_.notify_later(shard_.executor());
    }
    void on_shard_shutdown() override { due_.notify_later(shard_.executor()); }

    shard_core& shard_;
    event due_;
    bool woken_ = false;
};

} // namespace

boost::asio::awaitable<void> shard::sleep_for(clock::duration duration) {
    return sleep_until(time_after(core_->steady_now(), duration));
}

boost::asio::awaitable<void> shard::sleep_until(clock::time_point time) {
    if (time <= core_->steady_now())
        co_return;
    sleeping here{*core_, time};
    co_await here.wait();
}

shard::clock::time_point shard::begin_ticks(clock::duration interval) const {
    if (interval <= clock::duration{0})
        throw std::invalid_argument{"shard::every calls its work once an interval, and an interval of " +
                                    std::to_string(std::chrono::nanoseconds{interval}.count()) +
                                    " ns has no end; pass one above 0"};
    return core_->steady_now();
}

// Suspends the coroutine in any case, so that work with a very short interval leaves the thread to others.
boost::asio::awaitable<shard::clock::time_point> shard::next_tick(clock::time_point last, clock::duration interval) {
    const auto intervals = (core_->steady_now() - last) / interval;
    const clock::time_point next = time_after(last + intervals * interval, interval);
    sleeping here{*core_, next};
    co_await here.wait();
    co_return next;
}

} // namespace fairlead
