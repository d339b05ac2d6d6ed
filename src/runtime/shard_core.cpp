#include "runtime/shard_core.hpp"

#include "log/log_exceptions.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/mailbox.hpp"

#include <fairlead/runtime.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

bool runs_here(const shard_core& shard) noexcept {
    return const_cast<shard_core&>(shard).loop().runs_here();
}
void post_to(shard_core& shard, posted_task& task) noexcept {
    shard.post(task);
}
void begin_work(shard_core& shard) noexcept {
    shard.loop().begin_work();
}
void end_work(shard_core& shard) noexcept {
    shard.loop().end_work();
}
boost::asio::execution_context& asio_context_of(shard_core& shard) {
    return shard.asio_context();
}

shutdown_hook::shutdown_hook(shard_core& shard) noexcept {
    shard.add(*this);
}

shard_core::shard_core(shard& facade, boost::asio::io_context* program)
    : facade_{facade}, program_{program}, loop_{[this] { look_at_clocks(); }, program}, sleepers_{*this},
      inbox_{std::make_shared<mailbox>(executor())} {
    ticker_.emplace(*this);
}

shard_core::~shard_core() = default;

void shard_core::destroy_coroutines() noexcept {
    loop_.await_posts();
    threads_.reset();
    inbox_->close();
    if (companion_)
        companion_->stop();
    for (shutdown_hook* each = hooks_.front(); each; each = hooks_.after(*each))
        log_exceptions([&] { each->on_shard_shutdown(); });
    loop_.drop_posted();
    if (companion_)
        log_exceptions([this] { companion_->shutdown(); });
    loop_.drop_posted();
}

void shard_core::end() noexcept {
    destroy_coroutines();
    ended_ = true;
    ticker_.reset();
    sleepers_.close();
    loop_.close();
}

void shard_core::post(posted_task& task) noexcept {
    if (ended_)
        task.drop();
    else
        loop_.post(task);
}

boost::asio::io_context& shard_core::asio_context() {
    if (program_)
        return *program_;
    const std::lock_guard lock{companion_mutex_};
    if (!companion_)
        companion_ = std::make_unique<companion>();
    return companion_->context();
}

error_code shard_core::watch(int descriptor, readiness_handler& handler, interest wanted) {
    const error_code added = loop_.watch(descriptor, handler, wanted);
    if (!added)
        loop_.hold();
    return added;
}

void shard_core::unwatch(int descriptor, readiness_handler& handler) noexcept {
    loop_.unwatch(descriptor, handler);
    loop_.release();
}

blocking_pool& shard_core::blocking_threads() {
    if (!threads_)
        threads_ = std::make_shared<blocking_pool>(runtime::default_blocking_threads);
    return *threads_;
}

std::chrono::steady_clock::time_point shard_core::steady_now() const noexcept {
    using clock = std::chrono::steady_clock;
    return clock_is_manual_ ? clock::time_point{std::chrono::duration_cast<clock::duration>(now_)} : clock::now();
}

void shard_core::add(shutdown_hook& hook) noexcept {
    hooks_.push_front(hook);
    if (!ended_)
        start_clock();
}

// The clock has stood still since the last hook was removed. No socket is served here, because a
// dispatch may be under way.
void shard_core::start_clock() {
    if (clock_is_manual_ || ticker_->running())
        return;
    ticked_ = ticker::current();
    now_ = std::max(now_, ticked_);
    ticker_->start();
    const std::lock_guard lock{watchers_mutex_};
    for (const auto& each : watchers_) {
        if (const auto alive = each.lock())
            alive->on_clock_start();
    }
}

void shard_core::add_clock_watcher(std::weak_ptr<clock_watcher> watcher) {
    const std::lock_guard lock{watchers_mutex_};
    std::erase_if(watchers_, [](const auto& each) { return each.expired(); });
    watchers_.push_back(std::move(watcher));
}

void shard_core::look_at_clocks() {
    tick_if_due();
    sleepers_.wake_due_if_rung();
}

void shard_core::tick_if_due() {
    if (!ticker_->take_due())
        return;
    loop_.other_work();
    const ticks current = ticker::current();
    pass(current - std::exchange(ticked_, current));
    if (hooks_.empty() || clock_is_manual_)
        ticker_->stop();
    else
        ticker_->done(current);
}

// No socket was served while the thread was blocked, so at most two ticks of that time count. A late
// thread serves more rounds of sockets before it looks at the deadlines, so that no input is overlooked.
void shard_core::pass(ticks elapsed) {
    constexpr ticks at_most{2};
    constexpr int rounds = 8;
    constexpr int rounds_when_late = 64;
    now_ += std::min(elapsed, at_most);
    loop_.serve(elapsed > at_most ? rounds_when_late : rounds);
    wheel_.advance(now_);
    if (clock_is_manual_)
        sleepers_.wake_due();
    loop_.end_turn();
}

} // namespace fairlead
