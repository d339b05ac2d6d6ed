#include "datagram/udp_client_impl.hpp"

#include "core/cancellation.hpp"
#include "datagram/udp_socket.hpp"
#include "runtime/alarm.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <cerrno>
#include <cstddef>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// Datagrams that one client may receive before the other sessions of its shard have their turn.
constexpr unsigned max_received_per_turn = 64;

// Larger than any datagram.
constexpr std::size_t receive_room = 64 * 1024;

// Returns true for errors that concern this datagram. The network may have reported any other error for an earlier
// datagram (ICMP, see ip(7) and udp(7)); the system reports such an error once.
bool is_about_this_one(const error_code& failed) noexcept {
    const int code = failed.value();
    return code == EAGAIN || code == ENOBUFS || code == ENOMEM || code == EPERM;
}

error_code in_our_words(const error_code& failed) noexcept {
    switch (failed.value()) {
    case EAGAIN: return errc::would_block;
    case EMSGSIZE: return errc::message_too_large;
    default: return failed;
    }
}

} // namespace

// --- its handles

peer_handle udp_client_impl::handle() {
    if (!target_) {
        target_ = std::make_shared<client_target>(shard_.inbox(), *this, remote_);
        if (!socket_)
            target_->close_to_senders();
    }
    return target_->handle();
}

// --- sending

result<void> udp_client_impl::send(bytes_view message) {
    if (!socket_)
        return errc::closed;
    if (message.size() > max_payload(remote_.family() == AF_INET))
        return errc::message_too_large;
    const error_code failed = socket_->send(message);
    if (!failed)
        return {};
    if (is_about_this_one(failed))
        return in_our_words(failed);
    const error_code again = socket_->send(message);
    if (again != failed) {
        earlier_ = failed;
        wake(); // the system has reported the error, so the poller does not
    }
    return again ? in_our_words(again) : result<void>{};
}

// --- receiving

boost::asio::awaitable<result<bytes_view>> udp_client_impl::receive(std::chrono::milliseconds limit) {
    assert(!changed_.awaited()); // one caller at a time
    const alarm end{shard_, limit, changed_};
    for (;;) {
        if (received_this_turn_ >= max_received_per_turn) {
            co_await yield();
            const auto state = co_await boost::asio::this_coro::cancellation_state;
            if (is_cancelled(state))
                co_return error_code{boost::asio::error::operation_aborted};
        }
        const bool last_look = end.rung(); // datagrams that arrive with the time limit are in time
        const auto message = next();
        if (message || message.error() != errc::would_block)
            co_return message;
        if (last_look)
            co_return errc::timed_out;
        co_await changed_.wait();
        received_this_turn_ = 0;
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
}

std::optional<bytes_view> udp_client_impl::try_receive() {
    if (earlier_)
        return {};
    if (received_this_turn_ >= max_received_per_turn) {
        shard_.at_end_of_turn(*this);
        return {};
    }
    const auto message = next();
    if (message)
        return *message;
    if (message.error() != errc::would_block && message.error() != errc::closed)
        earlier_ = message.error();
    return {};
}

// Returns a datagram, `errc::would_block`, `errc::closed`, or an error after which the client continues.
result<bytes_view> udp_client_impl::next() {
    if (!socket_)
        return errc::closed;
    if (earlier_)
        return std::exchange(earlier_, {});
    const auto room = input_.prepare(receive_room);
    const auto size = socket_->receive(room); // the original size, even if it exceeds `room`
    if (!size) {
        input_.release();
        return size.error();
    }
    ++received_this_turn_;
    if (*size > room.size())
        return errc::message_too_large;
    return bytes_view{room.data(), *size};
}

boost::asio::awaitable<void> udp_client_impl::yield() {
    co_await boost::asio::post(shard_.executor(), boost::asio::deferred);
    received_this_turn_ = 0;
}

void udp_client_impl::close() {
    if (!socket_)
        return;
    socket_.reset();
    if (target_)
        target_->close_to_senders();
    wake();
}

// Makes a waiting `receive` look again at the end of this turn.
void udp_client_impl::wake() noexcept {
    if (changed_.awaited())
        shard_.at_end_of_turn(*this);
}

void udp_client_impl::end_of_turn() {
    received_this_turn_ = 0;
    changed_.notify();
}

// Without this, a coroutine that owns the client and waits in it would never be destroyed.
void udp_client_impl::on_shard_shutdown() {
    close();
    changed_.notify_later(shard_.executor());
}

} // namespace fairlead
