// Sending a message in parts.

#include "core/cancellation.hpp"
#include "session/session_queue.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/errc.hpp>

#include <utility>

namespace fairlead {

namespace {

// Returns true if `size` bytes may be gathered for a channel that does not divide messages.
bool may_gather(std::uint64_t size, const channel& by, const limits& bounds) noexcept {
    return size <= (by.max_message() != 0 ? by.max_message() : bounds.max_write_buffer);
}

// After this number of parts, other sessions of the shard run first. A peer that takes all bytes at once
// would never make `send_part` wait.
constexpr unsigned parts_in_turn = 16;

} // namespace

message_parts& session_impl::parts() {
    if (!parts_)
        parts_ = std::make_unique<message_parts>();
    return *parts_;
}

outgoing_message& session_impl::outgoing(const char* caller) {
    return open_message(sends_in_parts() ? &*parts_->outgoing : nullptr, caller);
}

std::size_t session_impl::waiting_bytes() const noexcept {
    return sending_ == send_state::inside_message ? parts_->outgoing->bytes.size() : 0;
}

boost::asio::awaitable<result<void>> session_impl::begin_message(std::optional<std::uint64_t> size) {
    while (parts().outgoing && can_send()) { // of another coroutine
        co_await may_go_on_.wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    co_return begin(size);
}

result<void> session_impl::begin(std::optional<std::uint64_t> size) {
    if (!can_send())
        return why_not_sending();
    if (!channel_->divides_messages())
        return begin_to_gather(size);
    parts().outgoing.emplace(outgoing_message{.left = size, .bytes = byte_buffer{shard_.blocks()}});
    sending_ = send_state::inside_message; // messages that are sent while the header is written wait behind it
    const auto begun = queue_whole(0, [&] { return channel_->begin_message(size); });
    if (begun)
        return begun;
    const auto left = send_waiting(leave_message());
    const bool lacks_size = !size && begun.error() == errc::malformed; // see `passes_parts`
    return lacks_size && left ? begin_to_gather(size) : begun;
}

result<void> session_impl::begin_to_gather(std::optional<std::uint64_t> size) {
    if (!may_gather(size.value_or(0), *channel_, *limits_))
        return errc::message_too_large;
    using enum outgoing_message::state;
    parts().outgoing.emplace(outgoing_message{.now = gathering, .left = size, .bytes = byte_buffer{shard_.blocks()}});
    return {};
}

// The message is no longer open. Returns it with the messages that wait behind it.
outgoing_message session_impl::leave_message() noexcept {
    outgoing_message done = std::move(*parts_->outgoing);
    parts_->outgoing.reset();
    if (sending_ == send_state::inside_message)
        sending_ = send_state::open;
    charge();
    wake(); // coroutines that wait to begin a message
    return done;
}

// If an exception leaves a part, or waiting messages, half queued, no other bytes may follow.
template <class Send>
result<void> session_impl::queue_whole(std::uint64_t messages, Send send) try {
    return queue(messages, send);
} catch (...) {
    enter(send_state::failed, make_error_code(boost::system::errc::not_enough_memory));
    throw;
}

boost::asio::awaitable<result<void>> session_impl::send_part(bytes_view part) {
    const auto queued = queue_part(part);
    if (!queued)
        co_return queued;
    ++parts_->sent;
    for (bool turn_over = parts_->sent % parts_in_turn == 0;
         (turn_over || over_high_watermark()) && sending_ != send_state::failed; turn_over = false) {
        if (turn_over)
            notify_in_next_turn();
        {
            const unread meanwhile{*this};
            co_await may_go_on_.wait();
        }
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    if (sending_ == send_state::failed)
        co_return why_not_sending();
    co_return result<void>{};
}

result<void> session_impl::queue_part(bytes_view part) {
    outgoing_message& message = outgoing("send_part");
    if (!can_send())
        return why_not_sending();
    if (const auto expected = message.expects(part); !expected)
        return expected;
    if (message.now == outgoing_message::state::gathering) {
        if (!may_gather(message.bytes.size() + part.size(), *channel_, *limits_)) {
            leave_message();
            return errc::message_too_large;
        }
        message.bytes.take_small(part.size());
        message.bytes.append(part);
        charge();
    } else if (!part.empty()) {
        const auto queued = queue_whole(0, [&] { return channel_->send_part(part); });
        if (!queued)
            return queued;
    }
    message.note(part);
    return {};
}

result<void> session_impl::end_message() {
    outgoing_message& message = outgoing("end_message");
    if (!can_send())
        return why_not_sending();
    if (!message.is_complete())
        return errc::truncated;
    if (message.now == outgoing_message::state::passing) {
        const auto ended = queue_whole(1, [&] { return channel_->end_message(); });
        if (!ended)
            return ended;
    }
    const outgoing_message done = leave_message();
    if (done.now == outgoing_message::state::gathering)
        return enqueue(done.bytes.data());
    const auto sent = send_waiting(done);
    if (sent)
        let_watchers_catch_up();
    return sent;
}

// Sends the messages that waited behind a message in parts.
result<void> session_impl::send_waiting(const outgoing_message& done) {
    if (done.waiting == 0)
        return {};
    return queue_whole(done.waiting, [&] { return channel_->send_encoded(done.bytes.data()); });
}

} // namespace fairlead
