// The end of a session.

#include "session/session_impl.hpp"

#include "core/cancellation.hpp"

#include <boost/asio/this_coro.hpp>

#include <sys/socket.h>

namespace fairlead {

namespace {

// A peer that sends more after our last byte is read up to this limit, so that it can see our end.
constexpr std::size_t max_lingering_bytes = 16 * 1024 * 1024;

} // namespace

void session_impl::close() {
    enter(send_state::closing);
    if (receiving_ == receive_state::ended)
        return;
    enter(receive_state::ended, errc::closed);
    wake();
}

result<void> session_impl::add(session_watcher& watcher) noexcept {
    if (!can_send())
        return errc::closed;
    watchers_.push_front(watcher);
    return {};
}

void session_impl::end_watchers() noexcept {
    while (session_watcher* const each = watchers_.front()) {
        each->unlink();
        each->on_session_end();
    }
}

void session_impl::drain() {
    enter(receive_state::draining);
    stop_ = stop_request::made;
    channel_->look_again(); // for bytes that have arrived and were not announced yet
    wake();
}

void session_impl::abort(error_code why) {
    const bool is_told = sending_ != send_state::failed; // then `enter` wakes the coroutines that wait
    enter(receive_state::ended, why);
    enter(send_state::failed, why);
    channel_->close();
    if (!is_told)
        wake();
}

// The system resets a connection that is closed with a linger time of 0.
void session_impl::reset(error_code why) {
    const ::linger none{.l_onoff = 1, .l_linger = 0};
    if (const int socket = channel_->native_handle(); socket >= 0)
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    abort(why);
}

bool session_impl::stopping() const noexcept {
    return stop_ == stop_request::made || !can_send();
}

// Reading continues until the peer ends its side, so that it gets our last bytes: a close with unread input
// is a reset (tcp(7)).
bool session_impl::lingers() const noexcept {
    if (channel_->input_ended() || limits_->linger_timeout.count() == 0)
        return false;
    const error_code end = why_ended();
    return end != errc::first_message_timeout && end != errc::message_timeout && end != errc::idle_timeout;
}

bool session_impl::close_without_waiting() {
    close();
    end_output(why_ended());
    write_queued();
    channel_->drop_input();
    if (sending_ != send_state::failed) {
        if (queued_ != 0 || lingers())
            return false;
        channel_->shutdown(); // over TLS the peer is notified, even if it has ended first
        if (channel_->writable().awaited())
            return false;
    }
    close_channel();
    return true;
}

void session_impl::close_channel() {
    enter(send_state::failed, errc::closed);
    channel_->close();
    deadline::unlink();
}

// A cancellation while it waits makes it close at once. A cancellation before the call has no effect, so that
// a cancelled coroutine can still end its session gracefully. Awaits do not throw meanwhile, because the
// session is closed in any case.
boost::asio::awaitable<void> session_impl::close_gracefully() {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    const bool cancellable = state.cancelled() == boost::asio::cancellation_type::none;
    if (close_without_waiting())
        co_return;
    const bool throwing = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    deadlines_.flushes(shard_.now());
    const auto flushed = co_await wait_until_sent(cancellable);
    if (flushed) {
        channel_->shutdown();
        if (lingers())
            co_await linger(cancellable);
        if (channel_->writable().awaited())
            co_await wait_until_announced(cancellable);
    }
    close_channel();
    co_await boost::asio::this_coro::throw_if_cancelled(throwing);
}

boost::asio::awaitable<void> session_impl::linger(bool cancellable) {
    deadlines_.lingers(shard_.now());
    shard_.arm(*this, deadlines_.first().due);

    std::size_t discarded = 0;
    while (discarded < max_lingering_bytes && deadlines_.phase() == session_phase::lingering) {
        if (turn_used_up()) {
            event& turn = wait_for(wait::turn);
            co_await turn.wait();
            begin_turn();
        }
        const auto dropped = channel_->discard();
        if (dropped) {
            discarded += *dropped;
            budget_.filled();
        } else if (dropped.error() == errc::would_block) {
            co_await channel_->readable().wait();
            begin_turn();
            const auto state = co_await boost::asio::this_coro::cancellation_state;
            if (cancellable && state.cancelled() != boost::asio::cancellation_type::none)
                break;
        } else {
            break;
        }
    }
}

// A stream that has bytes to write before its end waits for `writable` itself, before this wait.
boost::asio::awaitable<void> session_impl::wait_until_announced(bool cancellable) {
    deadlines_.flushes(shard_.now());
    deadlines_.write_blocked(shard_.now(), false);
    shard_.arm(*this, deadlines_.look_again(shard_.now()));
    do {
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (cancellable && is_cancelled(state))
            break;
        co_await channel_->writable().wait();
    } while (channel_->writable().awaited());
}

} // namespace fairlead
