#include <fairlead/runtime.hpp>

#include "log/log_exceptions.hpp"
#include "runtime/blocking_call.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard_loop.hpp"
#include "runtime/ticker.hpp"

#include <algorithm>
#include <utility>

namespace fairlead {

shutdown_hook::shutdown_hook(shard& home) noexcept {
    home.shutdown_hooks_.push_front(*this);
    home.start_clock();
}

shard::shard()
    : poller_{std::make_unique<poller>()}, loop_{std::make_unique<shard_loop>(*this)},
      context_{std::make_unique<boost::asio::io_context>(1)}, inbox_{std::make_shared<mailbox>(executor())},
      ticker_{std::make_unique<ticker>(*this)} {}

shard::~shard() {
    loop_->await_posts();
    threads_.reset();
    inbox_->close();
    loop_->close();
    for (shutdown_hook* each = shutdown_hooks_.front(); each; each = shutdown_hooks_.after(*each))
        log_exceptions([&] { each->on_shard_shutdown(); });
    context_.reset(); // destroys suspended coroutines, which give back what they hold of this shard
}

boost::asio::io_context& shard::context() noexcept {
    loop_->let_asio_wait();
    return *context_;
}

void shard::run() {
    log_exceptions_until_done([this] { context_->run(); });
}

void shard::poll() {
    loop_->poll();
}

void shard::stop() noexcept {
    const post_from_elsewhere wakes{*this};
    context_->stop();
}

void note_posted_by_itself(shard& home) noexcept {
    home.loop_->note_posted();
}

post_from_elsewhere::post_from_elsewhere(shard& home) noexcept : shard_{home} {
    shard_.loop_->begin_post();
}

post_from_elsewhere::~post_from_elsewhere() {
    shard_.loop_->end_post();
}

void let_asio_wait(shard& home) noexcept {
    home.loop_->let_asio_wait();
}

error_code shard::watch(int descriptor, readiness_handler& who, interest what) {
    const error_code added = poller_->add(descriptor, who, what);
    if (!added)
        loop_->one_more_waits();
    return added;
}

void shard::unwatch(int descriptor, readiness_handler& who) noexcept {
    poller_->remove(descriptor, who);
    loop_->one_less_waits();
}

void shard::at_end_of_turn(end_of_turn_task& task) noexcept {
    if (task.linked())
        return;
    tasks_.push_front(task);
    loop_->end_turn_soon();
}

void shard::end_turn() {
    while (end_of_turn_task* const task = tasks_.front()) {
        task->unlink();
        log_exceptions([&] { task->end_of_turn(); });
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

void shard::tick_if_due() {
    if (!ticker_->take_due())
        return;
    const ticks current = ticker::current();
    pass(current - std::exchange(ticked_, current));
    if (shutdown_hooks_.empty() || clock_by_hand_)
        ticker_->stop();
    else
        ticker_->done(current);
}

// While the thread was held up nobody was served, so that time counts against nobody.
void shard::pass(ticks elapsed) {
    constexpr ticks at_most{2};
    now_ += std::min(elapsed, at_most);
    loop_->catch_up(elapsed > at_most);
    loop_->begin_turn();
    wheel_.advance(now_);
    loop_->end_turn();
}

} // namespace fairlead
