#include <fairlead/runtime.hpp>

#include "base/guarded.hpp"
#include "runtime/blocking_call.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/handler_memory.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/poller.hpp"
#include "runtime/ticker.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <fcntl.h>
#include <utility>

namespace fairlead {

struct shard::pending_memory {
    handler_memory waiting, ending, ticking;
};

/// Lets Asio wait for the shard's sockets: the poller's descriptor is readable as soon as one of them is ready.
class shard::descriptor_watch {
public:
    explicit descriptor_watch(shard& owner)
        : shard_{owner}, descriptor_{*owner.context_, ::fcntl(epoll(), F_DUPFD_CLOEXEC, 0)} {}

    /// Waits while there is something to wait for, so that a shard without sockets can run out of work.
    void wait() {
        if (waiting_ || shard_.poller_->idle())
            return;
        descriptor_.async_wait(asio_descriptor::wait_read, shard_.memory_->waiting.bind([this](const error_code&) {
            waiting_ = false;
            turn(max_rounds);
            wait();
        }));
        waiting_ = true;
    }

    /// Serves what is ready, and so many sockets that a late thread misses none.
    void catch_up(bool late) { turn(late ? max_rounds_when_late : max_rounds); }

    void cancel_if_idle() {
        if (waiting_ && shard_.poller_->idle())
            guarded([&] { descriptor_.cancel(); });
    }

private:
    using asio_descriptor = boost::asio::posix::stream_descriptor;

    // While several sockets are ready, more become so as these are served: looking again is cheaper than going back
    // through Asio each time, which still gets its turn.
    static constexpr int max_rounds = 8;
    static constexpr int max_rounds_when_late = 64;

    int epoll() const noexcept { return shard_.poller_->native_handle(); }

    void turn(int rounds) {
        for (int round = 0; round < rounds; ++round) {
            shard_.in_turn_ = true;
            const std::size_t served = shard_.poller_->dispatch();
            shard_.end_turn();
            shard_.in_turn_ = false;
            if (served < 2)
                return;
        }
    }

    shard& shard_;
    asio_descriptor descriptor_;
    bool waiting_ = false;
};

resident::resident(shard& home) noexcept {
    home.residents_.push_front(*this);
    home.start_clock();
}

shard::shard()
    : poller_{std::make_unique<poller>()}, memory_{std::make_unique<pending_memory>()},
      context_{std::make_unique<boost::asio::io_context>(1)}, inbox_{std::make_shared<mailbox>(*context_)},
      watch_{std::make_unique<descriptor_watch>(*this)}, ticker_{std::make_unique<ticker>(
                                                             *context_, memory_->ticking,
                                                             [this](ticks now) { return tick(now); })} {}

shard::~shard() {
    threads_.reset();
    inbox_->close();
    watch_.reset();
    for (resident* each = residents_.front(); each; each = residents_.after(*each))
        guarded([&] { each->evict(); });
    ticker_.reset();
    context_.reset(); // destroys suspended coroutines, which give back what they hold of this shard
}

void shard::run() {
    for (;;) {
        try {
            context_->run();
            return;
        } catch (...) {
            log_exception(std::current_exception());
        }
    }
}

error_code shard::watch(int descriptor, watcher& who, watch_for what) {
    const error_code added = poller_->add(descriptor, who, what);
    if (!added)
        watch_->wait();
    return added;
}

void shard::unwatch(int descriptor, watcher& who) noexcept {
    poller_->remove(descriptor, who);
    if (watch_)
        watch_->cancel_if_idle();
}

void shard::at_end_of_turn(turn_task& task) noexcept {
    if (task.linked())
        return;
    tasks_.push_front(task);
    if (in_turn_ || end_posted_)
        return;
    end_posted_ = true;
    boost::asio::post(*context_, memory_->ending.bind([this] {
        end_posted_ = false;
        end_turn();
    }));
}

void shard::end_turn() {
    while (turn_task* const task = tasks_.front()) {
        task->unlink();
        guarded([&] { task->end_of_turn(); });
    }
    set_running(0);
}

void shard::arm(deadline& who, ticks due) noexcept {
    wheel_.arm(who, due);
}

boost::asio::awaitable<void> shard::run_blocking(void (*work)(void*) noexcept, void* argument) {
    if (!threads_)
        threads_ = std::make_shared<blocking_pool>(runtime::default_blocking_threads);
    blocking_call call{*this, work, argument};
    co_await call.run_on(*threads_);
}

std::chrono::nanoseconds shard::overdue(std::chrono::steady_clock::time_point now) const noexcept {
    return ticker_->overdue(now);
}

// Time has stood still since the last resident went. Nothing is served here: this may be in the middle of a dispatch.
void shard::start_clock() {
    if (clock_by_hand_ || ticker_->running())
        return;
    ticked_ = ticker::current();
    now_ = std::max(now_, ticked_);
    ticker_->start();
}

bool shard::tick(ticks current) {
    if (clock_by_hand_)
        return false;
    pass(current - std::exchange(ticked_, current));
    return !residents_.empty();
}

// While the thread was held up nobody was served, so that time counts against nobody.
void shard::pass(ticks elapsed) {
    constexpr ticks at_most{2};
    now_ += std::min(elapsed, at_most);
    watch_->catch_up(elapsed > at_most);
    in_turn_ = true;
    wheel_.advance(now_);
    end_turn();
    in_turn_ = false;
}

} // namespace fairlead
