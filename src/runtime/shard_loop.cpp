#include "runtime/shard_loop.hpp"

#include "core/system_error.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/poller.hpp"

#include <fairlead/runtime.hpp>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <thread>

namespace fairlead {

shard_loop::shard_loop(shard& owner)
    : shard_{owner}, duplicate_{::fcntl(owner.poller_->native_handle(), F_DUPFD_CLOEXEC, 0)} {
    if (!duplicate_)
        throw boost::system::system_error{last_system_error(), "fcntl"};
}

void shard_loop::start() {
    if (under_way_ || idle())
        return;
    under_way_ = true;
    if (!asio_waits_ || !let_asio_watch())
        post_turns();
}

void shard_loop::post_turns() {
    boost::asio::post(*shard_.context_, going_on_.bind([this] { go_on(); }));
}

void shard_loop::go_on() {
    shard_.end_turn(); // of the handlers that ran since
    for (bool more = true; more && !idle();) {
        const std::size_t served = turn(!attention_ && !polling_);
        more = !attention_ && (!polling_ || served > 0);
    }
    const bool posted = attention_.exchange(false);
    under_way_ = false;
    if (!polling_ || posted)
        start();
}

std::size_t shard_loop::turn(bool wait) {
    begin_turn();
    const std::size_t served = shard_.poller_->dispatch(wait);
    end_turn();
    shard_.tick_if_due();
    return served;
}

void shard_loop::end_turn() {
    shard_.end_turn();
    in_turn_ = false;
}

void shard_loop::turns(int rounds) {
    for (int round = 0; round < rounds; ++round) {
        if (turn(false) < 2)
            return;
    }
}

bool shard_loop::let_asio_watch() {
    try {
        if (!watched_)
            watched_.emplace(*shard_.context_, duplicate_.release());
    } catch (...) { // tried again after the next turn
        log_exception(std::current_exception());
        return false;
    }
    watched_->async_wait(asio_descriptor::wait_read, going_on_.bind([this](const error_code&) {
        under_way_ = false;
        turns(max_rounds);
        start();
    }));
    return true;
}

void shard_loop::end_turn_soon() {
    if (in_turn_ || end_posted_ || (under_way_ && !asio_waits_))
        return;
    end_posted_ = true;
    boost::asio::post(*shard_.context_, ending_.bind([this] {
        end_posted_ = false;
        shard_.end_turn();
    }));
}

void shard_loop::poll() {
    polling_ = true;
    start();
    shard_.context_->restart();
    log_exceptions_until_done([this] { shard_.context_->poll(); });
    polling_ = false;
    start();
}

void shard_loop::one_more_waits() {
    ++waiting_;
    start();
}

void shard_loop::one_less_waits() noexcept {
    --waiting_;
    if (watched_ && under_way_ && idle())
        log_exceptions([&] { watched_->cancel(); });
}

void shard_loop::let_asio_wait() noexcept {
    if (!asio_waits_.exchange(true))
        call_for_attention();
}

void shard_loop::end_post() noexcept {
    call_for_attention();
    --posts_;
}

void shard_loop::call_for_attention() noexcept {
    if (!attention_.exchange(true))
        shard_.poller_->wake();
}

void shard_loop::await_posts() const noexcept {
    while (posts_ != 0)
        std::this_thread::yield();
}

} // namespace fairlead
